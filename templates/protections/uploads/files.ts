import { type ExpressionBuilder, sql } from 'kysely';
import type { AppContext } from '#src/context.ts';
import type { Actor } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { Database } from '#src/schema/tables.ts';
import type { Queries } from '#src/services/db/database.ts';
import { type StorageKey, newKey } from '#src/services/storage/key.ts';

/** A stored file as its owner sees it. */
export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly createdAt: string;
}

const columns = ['files.id', 'files.name', 'files.type', 'files.size', 'files.created_at'] as const;

const mostRows = 1000;

const toFile = (row: { id: string; name: string; type: string; size: string; created_at: Date }): StoredFile => ({
  id: row.id,
  name: row.name,
  type: row.type,
  size: Number(row.size),
  createdAt: row.created_at.toISOString(),
});

/** The files of `actor` that have passed every check. Those of others, and those that are still looked into, do not exist here. */
export const filesOf = (actor: Actor, db: Queries) => {
  const mine = (eb: ExpressionBuilder<Database, 'files'>) =>
    eb.and([
      eb('files.owner_id', '=', actor.id), // protect: G1
      eb('files.tenant', 'is not distinct from', actor.tenant ?? null), // protect: G1
    ]);
  const clean = (eb: ExpressionBuilder<Database, 'files'>) => eb('files.state', '=', 'clean'); // protect: Q414 ('=', 'clean' -> '<>', 'x')

  return {
    async list(): Promise<StoredFile[]> {
      const rows = await db.selectFrom('files').select(columns).where(mine).where(clean).orderBy('files.created_at', 'desc').limit(mostRows).execute();
      return rows.map(toFile);
    },

    async find(id: string): Promise<StoredFile | undefined> {
      const row = await db.selectFrom('files').select(columns).where(mine).where(clean).where('files.id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : toFile(row);
    },

    /** Where the bytes of a file lie, as its row says. */
    async place(id: string): Promise<{ readonly id: string; readonly storageKey: string } | undefined> {
      const row = await db.selectFrom('files').select('storage_key').where(mine).where(clean).where('files.id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : { id, storageKey: row.storage_key };
    },

    /** Deletes the row. @returns false when there was none. */
    async remove(id: string): Promise<boolean> {
      const { numDeletedRows } = await db.deleteFrom('files').where(mine).where('files.id', '=', id).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
};

/** Room for one file, held until it is stored or given up. */
export interface Reservation {
  readonly id: string;
  readonly key: StorageKey;
}

/**
 * Holds room for a file, under the quotas of its owner (ASVS V5.2.4). Of uploads that run at once, each counts with what it may
 * become: a lock lets them reserve one behind the other.
 * @throws Problem 409 when there is no room.
 */
export const reserve = ({ services, config, clock }: AppContext, actor: Actor, bytes: number): Promise<Reservation> =>
  services.db.transaction(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`files:${actor.id}`}, 0))`.execute(tx);
    const { count, size } = await tx
      .selectFrom('files')
      .select((eb) => [eb.fn.countAll<string>().as('count'), eb.fn.coalesce(eb.fn.sum<string>('size'), sql<string>`0`).as('size')])
      .where('owner_id', '=', actor.id)
      .executeTakeFirstOrThrow();
    if (Number(count) >= config.UPLOAD_QUOTA_FILES) throw full('files'); // protect: Q459
    if (Number(size) + bytes > config.UPLOAD_QUOTA_BYTES) throw full('bytes'); // protect: Q459
    const key = newKey(actor);
    const row = { owner_id: actor.id, tenant: actor.tenant ?? null, storage_key: key, name: '', type: '', size: bytes, state: 'pending', created_at: new Date(clock.now()) } as const;
    const { id } = await tx.insertInto('files').values(row).returning('id').executeTakeFirstOrThrow();
    return { id, key };
  });

const full = (of: string): Problem => new Problem(409, { detail: 'There is no room for another file: delete some.', extensions: { code: 'quota', of }, close: true });

/** Lets a file out: from here on its owner has it. @throws Error when its reservation is gone. */
export const release = async (db: Queries, id: string, { name, type, size }: Pick<StoredFile, 'name' | 'type' | 'size'>): Promise<StoredFile> =>
  toFile(await db.updateTable('files').set({ name, type, size, state: 'clean' }).where('id', '=', id).where('state', '=', 'pending').returning(columns).executeTakeFirstOrThrow());

/** Gives the room of a file back. */
export const giveUp = async (db: Queries, id: string): Promise<void> => {
  await db.deleteFrom('files').where('id', '=', id).execute();
};
