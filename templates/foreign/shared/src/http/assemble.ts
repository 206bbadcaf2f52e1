import { type BootFacts, assertSafeStart, loadConfig } from '#src/config.ts';
import type { AppContext } from '#src/context.ts';
import { type Clock, systemClock } from '#src/http/clock.ts';
import type { Logger } from '#src/http/log.ts';
import { bootChecks } from '#src/protections/index.ts';

/** What a test brings instead of the real thing. */
export interface Parts {
  readonly env?: BootFacts['env'];
  readonly clock?: Clock;
  readonly log?: Logger;
}

/**
 * What the protections share.
 * @throws ConfigError that lists everything that makes this start unsafe.
 */
export const createContext = (ownLog: Logger, { env = process.env, clock = systemClock, log = ownLog }: Parts): AppContext => {
  const config = loadConfig(env);
  assertSafeStart(bootChecks, {
    config,
    env,
    execArgv: process.execArgv,
    nodeVersion: process.versions.node,
    uid: process.getuid?.(),
    root: process.cwd(),
  });
  return { config, clock, log };
};
