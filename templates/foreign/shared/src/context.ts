import type { Config } from '#src/config.ts';
import type { Clock } from '#src/http/clock.ts';
import type { Logger } from '#src/http/log.ts';

/** What lives as long as the app. Passed explicitly; nothing of a request is ever kept here. */
export interface AppContext {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
}
