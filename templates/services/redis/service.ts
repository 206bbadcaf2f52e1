import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Config } from '#src/config.ts';
import type { Service, ServiceSetup } from '#src/services/setup.ts';

/** Waits a little longer after each failed attempt, up to five seconds. */
const reconnectAfter = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 7), 5000);

/**
 * Connects in the background. A command fails at once while there is no connection, instead of waiting in a queue that
 * grows while requests hang: whoever asks decides what a missing answer means.
 */
const connect = (url: string, { REDIS_TIMEOUT_MS }: Config, log: Logger): Redis => {
  const client = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: 4 * REDIS_TIMEOUT_MS,
    commandTimeout: REDIS_TIMEOUT_MS,
    retryStrategy: reconnectAfter,
  });
  let reported = '';
  client.on('error', (error: Error & { code?: string }) => {
    // Once for each kind of failure, not once for each attempt.
    const kind = error.code ?? error.message;
    if (kind !== reported) log.warn({ err: error }, 'redis is not reachable');
    reported = kind;
  });
  client.on('ready', () => {
    reported = '';
  });
  return client;
};

/** What processes share. Without REDIS_URL there is no client: keep state in the process. */
export class SharedStore implements Service {
  /** Undefined when this process is alone. */
  readonly client: Redis | undefined;
  readonly #prefix: string;

  constructor(client: Redis | undefined, prefix: string) {
    this.client = client;
    this.#prefix = prefix;
  }

  /** The name of a key in Redis; `parts` are joined by colons. */
  key(...parts: readonly string[]): string {
    return this.#prefix + parts.join(':');
  }

  /** A process that keeps its own state is ready. */
  async ready(): Promise<void> {
    await this.client?.ping();
  }

  async close(): Promise<void> {
    this.client?.disconnect();
  }
}

/** Starts even while Redis is down: what can work without it does, and `/readyz` says the rest. */
export const start = async ({ config, log }: ServiceSetup): Promise<SharedStore> => {
  const { REDIS_URL, REDIS_PREFIX } = config;
  return new SharedStore(REDIS_URL === undefined ? undefined : connect(REDIS_URL, config, log), REDIS_PREFIX);
};
