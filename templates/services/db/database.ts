import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import type { Database } from '#src/schema/tables.ts';
import type { Service } from '#src/services/setup.ts';
import type { Listener, Listening } from './notifications.ts';
import { type ConnectionSource, TransactionScope, guardedPool } from './session.ts';

/** A pool that is ready to serve, and what ends it. */
export interface Opened {
  readonly pool: ConnectionSource;
  readonly end: () => Promise<void>;
  /** Rejects when the database cannot work as it should. */
  readonly check: () => Promise<void>;
  readonly listen: (listener: Listener) => Listening;
}

/** Where a repository reads and writes: the database, or a transaction on it. */
export type Queries = Kysely<Database>;

/** The database of the app. */
export class Db implements Service {
  /** For single statements. Throws inside a transaction: use its `tx`. */
  readonly query: Queries;
  readonly #opened: Opened;
  readonly #listening: Listening[] = [];
  #closed = false;

  constructor(opened: Opened) {
    this.#opened = opened;
    this.query = new Kysely<Database>({ dialect: new PostgresDialect({ pool: guardedPool(opened.pool, () => this.#closed) }) });
  }

  /** Runs `work` in a transaction: all of it happens, or nothing. For events after the commit see `inTransaction`. */
  async transaction<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
    const scope = new TransactionScope();
    const result = await this.query.transaction().execute((tx) => scope.run(() => work(tx)));
    scope.committed();
    return result;
  }

  /** Hears what this and other processes announce with NOTIFY, as soon as the transaction is committed. */
  listen(listener: Listener): Listening {
    const listening = this.#opened.listen(listener);
    this.#listening.push(listening);
    return listening;
  }

  ready(): Promise<void> {
    return this.#opened.check();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const listening of this.#listening) listening.stop();
    await this.#opened.end();
  }
}
