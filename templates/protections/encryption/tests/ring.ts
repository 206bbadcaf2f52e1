import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { sql } from 'kysely';
import type { AppContext } from '#src/context.ts';
import { sealedColumns } from '#src/protections/encryption/sealed-columns.ts';
import type { Place } from '#src/protections/encryption/seal.ts';
import type { Keys } from '#src/services/keys/ring.ts';
import { start } from '#src/services/keys/service.ts';
import type { TestApp } from '#tests/support/app.ts';

/** Needs an app with one connection: its tables are temporary, and stand before those that all processes share. */
export const emptyRing = async ({ context }: TestApp): Promise<void> => {
  const { db, keys } = context.services;
  const { query } = db;
  // Its own keys stay out of it.
  await keys.close();
  await sql`drop table if exists pg_temp.key_ring`.execute(query);
  await sql`create temporary table key_ring (like public.key_ring including all)`.execute(query);
  await sql`drop table if exists pg_temp.notes`.execute(query);
  await sql`create temporary table notes (id text primary key, secret text, legacy text)`.execute(query);
  // A connection that is idle is closed, and its temporary tables go with it.
  const awake = setInterval(() => void sql`select 1`.execute(query).catch(() => clearInterval(awake)), 2000);
  after(() => clearInterval(awake));
};

export const notes = { purpose: 'notes.secret', table: 'notes', column: 'secret', row: 'id' } as const;

/** The place of a value in the table of notes. */
export const placeOf = (row: string): Place => ({ ...notes, row });

/** What a process of the app sees: its own keys, one ring. */
export const startProcess = async ({ context }: TestApp): Promise<AppContext & { readonly services: { readonly keys: Keys } }> => {
  // Not the keys that apps in tests begin with, but those of the ring in the database.
  const keys = await start({ ...context, config: { ...context.config, PGLITE_SNAPSHOT: undefined } }, context.services);
  const process = { ...context, services: { ...context.services, keys } };
  sealedColumns(process).register(notes);
  return process;
};

/** Writes a note. @returns its id. */
export const writeNote = async ({ services: { db } }: AppContext, columns: (id: string) => { readonly secret?: string; readonly legacy?: string }): Promise<string> => {
  const id = randomUUID();
  const { secret = null, legacy = null } = columns(id);
  await sql`insert into notes (id, secret, legacy) values (${id}, ${secret}, ${legacy})`.execute(db.query);
  return id;
};

export const readNote = async ({ services: { db } }: AppContext, id: string): Promise<{ readonly secret: string | null; readonly legacy: string | null }> => {
  const { rows } = await sql<{ secret: string | null; legacy: string | null }>`select secret, legacy from notes where id = ${id}`.execute(db.query);
  return rows[0] ?? { secret: null, legacy: null };
};
