import type { Logger } from 'pino';
import type { Config } from '#src/config.ts';
import type { Clock } from '#src/http/clock.ts';

/** What a service gets when it starts. */
export interface ServiceSetup {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What every service can do, whatever else it offers. */
export interface Service {
  /** Resolves when the service can work; rejects with the reason when it cannot. Asked by `/readyz`. */
  ready(): Promise<void>;
  /** Gives back connections and files. Called once, last. */
  close(): Promise<void>;
}
