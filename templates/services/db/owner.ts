import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { type Config, ConfigError } from '#src/config.ts';
import type { Database } from '#src/schema/tables.ts';
import type { Db, Queries } from './database.ts';

/** Runs work in a transaction with the rights of the owner of the schema. */
export type AsOwner = (work: (owner: Queries) => Promise<void>) => Promise<void>;

/**
 * Runs what only the owner of the schema may do, in one transaction. For commands that people run, never for requests.
 * @throws ConfigError when nothing says who the owner is.
 */
export const asOwner = async <T>({ DATABASE_URL, MIGRATION_DATABASE_URL }: Config, db: Db, work: (owner: Queries) => Promise<T>): Promise<T> => {
  if (DATABASE_URL === undefined) {
    return db.transaction(async (tx) => {
      await sql`set local role none`.execute(tx);
      return work(tx);
    });
  }
  if (MIGRATION_DATABASE_URL === undefined) throw new ConfigError(['MIGRATION_DATABASE_URL must name the database and the owner of its schema']);
  const owner = new Kysely<Database>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: MIGRATION_DATABASE_URL, max: 1 }) }) });
  try {
    return await owner.transaction().execute(work);
  } finally {
    await owner.destroy();
  }
};
