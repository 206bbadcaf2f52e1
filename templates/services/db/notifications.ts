import { randomUUID } from 'node:crypto';
import { on } from 'node:events';
import pg from 'pg';
import type { Logger } from 'pino';

/** Hears what transactions announce with `pg_notify(channel, payload)`, in any process on the database, once they are committed. */
export interface Listener {
  /** A plain name, for example `sessions_changed`. */
  readonly channel: string;
  heard(payload: string): void;
  /** From here on something may have been missed; what was kept because nothing was heard must go. */
  lost(): void;
}

export interface Listening {
  /** False as long as nothing would be heard. */
  isUp(): boolean;
  stop(): void;
}

type Pool = Pick<pg.Pool, 'query' | 'on'>;

const listenTo = (channel: string): string => `listen ${pg.escapeIdentifier(channel)}`;

/** The embedded database has one connection; it hears itself, in the moment of the commit. */
export class EmbeddedNotifications {
  readonly #listeners = new Set<Listener>();
  readonly #up = new Set<string>();
  #pool: Pool | undefined;

  listen(listener: Listener): Listening {
    this.#listeners.add(listener);
    if (this.#pool !== undefined) void this.#open(listener.channel, this.#pool);
    return { isUp: () => this.#up.has(listener.channel), stop: () => void this.#listeners.delete(listener) };
  }

  /** Takes the pool into use. Call it before its first connection. */
  attach(pool: Pool): void {
    pool.on('connect', (client) => void client.on('notification', ({ channel, payload = '' }) => this.#heard(channel, payload)));
  }

  /** Begins to listen, once the pool serves. */
  async start(pool: Pool): Promise<void> {
    this.#pool = pool;
    for (const { channel } of this.#listeners) await this.#open(channel, pool);
  }

  async #open(channel: string, pool: Pool): Promise<void> {
    await pool.query(listenTo(channel)).then(
      () => this.#up.add(channel),
      // A pool that is closed meanwhile has nothing to tell any more.
      () => this.#up.delete(channel),
    );
  }

  #heard(channel: string, payload: string): void {
    for (const listener of this.#listeners) if (listener.channel === channel) listener.heard(payload);
  }
}

const longestWaitMs = 5000;

/** What is said on this channel tells a connection that it hears. */
const trial = 'notifications_trial';

/**
 * A connection of its own to PostgreSQL: those of a pool are handed around and hear nothing in between. It is opened again when it is
 * lost. It counts as up when it has heard what another connection said: behind a pooler in between it would hear nothing, silently.
 */
export class ServerNotifications {
  readonly #listeners = new Set<Listener>();
  readonly #url: string;
  readonly #pool: Pick<pg.Pool, 'query'>;
  readonly #log: Logger;
  #client: pg.Client | undefined;
  #isUp = false;
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(url: string, pool: Pick<pg.Pool, 'query'>, log: Logger) {
    this.#url = url;
    this.#pool = pool;
    this.#log = log;
  }

  listen(listener: Listener): Listening {
    this.#listeners.add(listener);
    if (this.#client === undefined) this.#connect();
    else if (this.#isUp) void this.#client.query(listenTo(listener.channel)).catch(() => this.#lost());
    return { isUp: () => this.#isUp, stop: () => void this.#listeners.delete(listener) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#isUp = false;
    await this.#client?.end().catch(() => {});
  }

  #connect(): void {
    if (this.#closed) return;
    const client = new pg.Client({ connectionString: this.#url, keepAlive: true, connectionTimeoutMillis: 5000 });
    this.#client = client;
    client.on('notification', ({ channel, payload = '' }) => {
      for (const listener of this.#listeners) if (listener.channel === channel) listener.heard(payload);
    });
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    this.#open(client).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'notifications of the database cannot be heard');
      this.#lost(client);
    });
  }

  async #open(client: pg.Client): Promise<void> {
    await client.connect();
    await this.#prove(client);
    for (const { channel } of this.#listeners) await client.query(listenTo(channel));
    if (this.#client !== client || this.#closed) return;
    this.#isUp = true;
    this.#attempt = 0;
  }

  async #prove(client: pg.Client): Promise<void> {
    await client.query(listenTo(trial));
    const mark = randomUUID();
    const heard = on(client, 'notification', { signal: AbortSignal.timeout(longestWaitMs), close: ['end'] });
    await this.#pool.query('select pg_notify($1, $2)', [trial, mark]);
    for await (const [{ payload }] of heard) if (payload === mark) return;
    throw new Error('The connection ended.');
  }

  /** Whatever is heard again later, something may lie in between. */
  #lost(client = this.#client): void {
    if (client === undefined || client !== this.#client) return;
    this.#client = undefined;
    this.#isUp = false;
    client.end().catch(() => {});
    for (const listener of this.#listeners) listener.lost();
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#connect(), Math.min(50 * 2 ** this.#attempt, longestWaitMs)).unref();
    this.#attempt = Math.min(this.#attempt + 1, 7);
  }
}
