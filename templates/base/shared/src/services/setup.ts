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
  /** What should be done some day, in one sentence each; shown by `npm run doctor`. */
  advice?(): Promise<readonly string[]>;
  /** Gives back connections and files. Called once, last. */
  close(): Promise<void>;
}

/**
 * Starts services one after the other. When one fails, those before it give back what they hold, and its error goes on.
 * @param start hands each starting service to `keep`.
 */
export const startInOrder = async <S>(start: (keep: <T extends Service>(starting: Promise<T>) => Promise<T>) => Promise<S>): Promise<S> => {
  const started: Service[] = [];
  try {
    return await start(async (starting) => {
      const service = await starting;
      started.push(service);
      return service;
    });
  } catch (error) {
    for (const service of started.toReversed()) await service.close();
    throw error;
  }
};
