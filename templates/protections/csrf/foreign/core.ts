import type { IncomingMessage } from 'node:http';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { isForeign } from './origin.ts';
import { csrfOf } from './trust.ts';

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Decides on every request that may change something: it comes from a page of this app, from a trusted origin, or from no browser
 * at all (CWE-352). The sessions of this repo are its own, so there is no token besides.
 */
export const refuseForgedRequests = (app: AppContext): ((request: IncomingMessage) => Problem | undefined) => {
  const own = new URL(app.config.BASE_URL).origin;
  const trusted = csrfOf(app);
  return (request) => {
    if (safeMethods.has(request.method ?? '')) return undefined;
    return isForeign(request, own, (origin) => trusted.isTrusted(origin)) ? new Problem(403, { extensions: { code: 'cross_site_request' } }) : undefined; // protect: B2
  };
};
