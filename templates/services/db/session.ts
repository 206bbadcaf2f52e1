import { AsyncLocalStorage } from 'node:async_hooks';
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { PoolClient, PoolConfig, QueryResultRow } from 'pg';
import { asProblem } from './failures.ts';

/** The outer handle was used inside a transaction: it would wait for the connection that the transaction holds. */
export class OuterHandleError extends Error {
  constructor() {
    super('Inside a transaction use `tx`: the outer handle takes another connection, sees other data, and may wait for ever.');
    this.name = 'OuterHandleError';
  }
}

/** One transaction, from begin to commit. */
export class TransactionScope {
  #open = true;
  readonly #afterCommit: (() => void)[] = [];

  /** While the body of the transaction runs, taking another connection throws. */
  get open(): boolean {
    return this.#open;
  }

  /** Runs the body of the transaction. */
  async run<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await transactions.run(this, body);
    } finally {
      this.#open = false;
    }
  }

  defer(call: () => void): void {
    this.#afterCommit.push(call);
  }

  /** Calls what was left for after the commit. A scope that is dropped, after a rollback, calls nothing. */
  committed(): void {
    for (const call of this.#afterCommit.splice(0)) call();
  }
}

const transactions = new AsyncLocalStorage<TransactionScope>();

/** Calls `call` when the transaction that this code belongs to is committed; at once where there is none. */
export const afterCommit = (call: () => void): void => {
  const scope = transactions.getStore();
  if (scope?.open === true) scope.defer(call);
  else call();
};

/** The commands that Kysely tells apart. */
const commands = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COMMIT', 'ROLLBACK'] as const;

/** A connection whose failures are Problems where the caller may try again. */
class Session implements PostgresPoolClient {
  readonly #client: PoolClient;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(sql: string | PostgresCursor<R>, parameters: readonly unknown[] = []): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof sql !== 'string') throw new TypeError('Streaming needs pg-cursor, which is not installed.');
    return this.#run(sql, parameters);
  }

  release(destroy?: boolean): void {
    this.#client.release(destroy);
  }

  async #run<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    try {
      const { command, rowCount, rows } = await this.#client.query<R & QueryResultRow>(sql, [...parameters]);
      return { command: commands.find((name) => name === command) ?? 'SELECT', rowCount: rowCount ?? 0, rows };
    } catch (error) {
      throw asProblem(error);
    }
  }
}

/** A pool, or what opens one when it is first needed. */
export interface ConnectionSource {
  readonly options: PoolConfig;
  connect(): Promise<PoolClient>;
}

/** The pool as Kysely sees it. Whoever opened the pool ends it. */
export const guardedPool = (pool: ConnectionSource, isClosed: () => boolean): PostgresPool => {
  const sessions = new WeakMap<PoolClient, Session>();
  const sessionOf = (client: PoolClient): Session => {
    const known = sessions.get(client);
    if (known !== undefined) return known;
    const session = new Session(client);
    sessions.set(client, session);
    return session;
  };
  return {
    options: pool.options,
    connect: async () => {
      if (transactions.getStore()?.open === true) throw new OuterHandleError();
      try {
        if (isClosed()) throw new Error('The database is closed.');
        return sessionOf(await pool.connect());
      } catch (error) {
        throw asProblem(error);
      }
    },
    end: async () => {},
  };
};
