import type { IncomingMessage } from 'node:http';
import type { AppContext } from '#src/context.ts';
import type { RequestContext } from '#src/protections/app-core/context.ts';

/** The request that something happens in, as handlers get it: what signs people in and out takes it whole. */
export interface Given {
  readonly app: AppContext;
  readonly context: RequestContext;
  readonly request: IncomingMessage;
}
