import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

interface Documents {
  id: string;
  owner_id: string;
  title: string;
  body: string;
  created_at: Date;
  updated_at: Date;
}

const { DATABASE_URL, DATABASE_DIR = '', DOCUMENT_ID = '', OWNER_ID = '' } = process.env;

/** The embedded database has one connection and keeps its rows in a directory, as in the emitted app. */
const openEmbedded = async (): Promise<pg.Pool> => {
  const pool = new pg.Pool(Object.assign({ max: 1, idleTimeoutMillis: 0 }, createPgConfig(new PGlite(DATABASE_DIR))));
  await pool.query(`create table documents (id uuid primary key, owner_id text not null, title text not null, body text not null,
    created_at timestamptz(3) not null default now(), updated_at timestamptz(3) not null default now())`);
  const values = [DOCUMENT_ID, OWNER_ID, 'A title', 'A text. '.repeat(40)];
  await pool.query('insert into documents (id, owner_id, title, body) values ($1, $2, $3, $4)', values);
  return pool;
};

const open = async (): Promise<Kysely<{ documents: Documents }>> => {
  const pool = DATABASE_URL === undefined ? await openEmbedded() : new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
};

const database = OWNER_ID === '' ? undefined : await open();

/** The read of the emitted app's `/api/v1/documents/:id`, with nothing around it; whose document it is comes from the environment. */
export const readDocument = async (id: string): Promise<unknown> => {
  const columns = ['id', 'title', 'body', 'created_at as createdAt', 'updated_at as updatedAt'] as const;
  return database?.selectFrom('documents').select(columns).where('owner_id', '=', OWNER_ID).where('id', '=', id).executeTakeFirst();
};
