import type { ClientBase } from 'pg';
import { appRole } from './roles.ts';

/** One step of the schema. SQL only, so that it can be read, hashed and applied without the app. */
export interface Migration {
  /** Statements that PostgreSQL 15 knows, run in this order inside one transaction. */
  readonly up: readonly string[];
}

export const defineMigration = (...up: readonly string[]): Migration => ({ up });

export type Migrations = Readonly<Record<string, Migration>>;

/** Any number will do, if every process takes the same: two that start together must not migrate together. */
const migrationLock = 7_041_463;

/** The names of migrations that this database has not seen. By name, not by ordinal: a protection added later may bring a lower one. */
export const pendingMigrations = async (client: Pick<ClientBase, 'query'>, migrations: Migrations): Promise<string[]> => {
  const known = await client.query<{ exists: boolean }>("select to_regclass('public.schema_migrations') is not null as exists");
  if (known.rows[0]?.exists !== true) return Object.keys(migrations).toSorted();
  const { rows } = await client.query<{ name: string }>('select name from schema_migrations');
  const applied = new Set(rows.map(({ name }) => name));
  return Object.keys(migrations)
    .filter((name) => !applied.has(name))
    .toSorted();
};

/**
 * Applies what is missing, in the order of names, each in a transaction of its own. Needs the owner of the schema, and one
 * connection: a pool would spread the transaction over several.
 * @returns the names that were applied.
 */
export const applyMigrations = async (client: ClientBase, migrations: Migrations): Promise<string[]> => {
  await client.query('select pg_advisory_lock($1)', [migrationLock]);
  try {
    await client.query(
      'create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    await client.query(`revoke insert, update, delete on schema_migrations from ${appRole}`); // protect: Q401
    const pending = await pendingMigrations(client, migrations);
    for (const name of pending) await applyOne(client, name, migrations[name]?.up ?? []);
    return pending;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [migrationLock]);
  }
};

const applyOne = async (client: ClientBase, name: string, statements: readonly string[]): Promise<void> => {
  await client.query('begin');
  try {
    for (const statement of statements) await client.query(statement);
    await client.query('insert into schema_migrations (name) values ($1)', [name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`The migration ${name} failed; nothing of it was kept.`, { cause: error });
  }
};
