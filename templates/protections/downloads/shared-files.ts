import type { Actor } from '#src/protections/app-core/context.ts';
import type { Queries } from '#src/services/db/database.ts';

/** A file that somebody may read. */
export interface ReadableFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly storageKey: string;
}

/**
 * A file that `actor` owns, or that its owner shares with them now; checked files only. One query asks for id and right at once:
 * what is not theirs does not exist (CWE-639, CWE-204).
 */
export const findReadable = async (actor: Pick<Actor, 'id' | 'tenant'>, db: Queries, id: string): Promise<ReadableFile | undefined> => {
  const row = await db
    .selectFrom('files')
    .select(['id', 'name', 'type', 'size', 'storage_key'])
    .where('id', '=', id)
    .where('state', '=', 'clean') // protect: Q475
    .where('tenant', 'is not distinct from', actor.tenant ?? null) // protect: Q475
    // protect: Q475
    .where((eb) =>
      eb.or([
        eb('owner_id', '=', actor.id),
        eb.exists(eb.selectFrom('file_shares').select('user_id').whereRef('file_shares.file_id', '=', 'files.id').where('file_shares.user_id', '=', actor.id)),
      ]),
    )
    .executeTakeFirst();
  return row === undefined ? undefined : { id: row.id, name: row.name, type: row.type, size: Number(row.size), storageKey: row.storage_key };
};

/** Who owns a file may share it. @returns false when it is not one of the actor's. */
export const share = async (actor: Actor, db: Queries, { id, userId, now }: { readonly id: string; readonly userId: string; readonly now: Date }): Promise<boolean> => {
  const file = await ownFile(actor, db, id);
  if (file === undefined) return false;
  await db
    .insertInto('file_shares')
    .values({ file_id: file.id, user_id: userId, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return true;
};

/** Takes a share back. @returns false when the file is not one of the actor's. */
export const unshare = async (actor: Actor, db: Queries, { id, userId }: { readonly id: string; readonly userId: string }): Promise<boolean> => {
  const file = await ownFile(actor, db, id);
  if (file === undefined) return false;
  await db.deleteFrom('file_shares').where('file_id', '=', file.id).where('user_id', '=', userId).execute();
  return true;
};

const ownFile = (actor: Actor, db: Queries, id: string) =>
  db
    .selectFrom('files')
    .select('id')
    .where('id', '=', id)
    .where('owner_id', '=', actor.id) // protect: Q475
    .where('tenant', 'is not distinct from', actor.tenant ?? null)
    .where('state', '=', 'clean')
    .executeTakeFirst();
