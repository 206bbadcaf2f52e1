import type { Queries } from '#src/services/db/database.ts';
import type { Tables } from './tables.ts';

type Row = Tables['passkeys'];

/** What its owner sees of a passkey. Times are ISO 8601. */
export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt?: string;
  /** Other devices of its owner have it too. */
  readonly synced: boolean;
}

const shown = ['id', 'name', 'created_at', 'last_used_at', 'backed_up'] as const;

const toPasskey = (row: { id: string; name: string; created_at: Date; last_used_at: Date | null; backed_up: boolean }): Passkey => ({
  id: row.id,
  name: row.name,
  createdAt: row.created_at.toISOString(),
  ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at.toISOString() }),
  synced: row.backed_up,
});

export const passkeysOf = async (db: Queries, userId: string): Promise<Passkey[]> => {
  const rows = await db.selectFrom('passkeys').select(shown).where('user_id', '=', userId).orderBy('created_at').orderBy('id').execute();
  return rows.map(toPasskey);
};

export const countPasskeys = async (db: Queries, userId: string): Promise<number> => {
  const { count } = await db
    .selectFrom('passkeys')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return Number(count);
};

/** What a browser is told of the passkeys of a user, to offer one of them or to make no second one on the same device. */
export const descriptorsOf = async (db: Queries, userId: string): Promise<{ id: string; transports: string[] }[]> => {
  const rows = await db.selectFrom('passkeys').select(['credential_id', 'transports']).where('user_id', '=', userId).orderBy('created_at').execute();
  return rows.map(({ credential_id: id, transports }) => ({ id: id.toString('base64url'), transports }));
};

/** A passkey with what verifies its signatures. */
export interface StoredPasskey {
  readonly id: string;
  readonly userId: string;
  readonly publicKey: Buffer;
  readonly deviceType: Row['device_type'];
}

/** @param credentialId base64url, as browsers send it. */
export const findByCredentialId = async (db: Queries, credentialId: string): Promise<StoredPasskey | undefined> => {
  const row = await db
    .selectFrom('passkeys')
    .select(['id', 'user_id', 'public_key', 'device_type'])
    .where('credential_id', '=', Buffer.from(credentialId, 'base64url'))
    .executeTakeFirst();
  return row && { id: row.id, userId: row.user_id, publicKey: row.public_key, deviceType: row.device_type };
};

export type NewPasskey = Omit<Row, 'id' | 'last_used_at' | 'counter'> & { readonly counter: number };

/** @returns undefined when the credential is known already, whoever has it: an id names one key and one user. */
export const insertPasskey = async (tx: Queries, passkey: NewPasskey): Promise<Passkey | undefined> => {
  const row = await tx
    .insertInto('passkeys')
    .values({ ...passkey, last_used_at: null })
    .onConflict((conflict) => conflict.column('credential_id').doNothing())
    .returning(shown)
    .executeTakeFirst();
  return row && toPasskey(row);
};

/** @returns undefined when the user has no such passkey. */
export const renameOwn = async (db: Queries, userId: string, id: string, name: string): Promise<Passkey | undefined> => {
  const row = await db.updateTable('passkeys').set({ name }).where('id', '=', id).where('user_id', '=', userId).returning(shown).executeTakeFirst();
  return row && toPasskey(row);
};

/** @returns false when the user has no such passkey. */
export const deleteOwn = async (tx: Queries, userId: string, id: string): Promise<boolean> => {
  const row = await tx.deleteFrom('passkeys').where('id', '=', id).where('user_id', '=', userId).returning('id').executeTakeFirst();
  return row !== undefined;
};

/**
 * Moves the signature counter on. Authenticators that count show a higher number each time; those that do not show 0 for
 * ever. Anything else is what a copied key looks like (WebAuthn Level 3, section 6.1.1).
 * @returns false when the counter did not move on.
 */
export const advanceCounter = async (
  db: Queries,
  id: string,
  { counter, backedUp, at }: { readonly counter: number; readonly backedUp: boolean; readonly at: Date },
): Promise<boolean> => {
  const advanced = await db
    .updateTable('passkeys')
    .set({ counter, backed_up: backedUp, last_used_at: at })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('counter', '<', String(counter)), eb.and([eb('counter', '=', '0'), eb.val(counter === 0)])])) // protect: Q454
    .returning('id')
    .executeTakeFirst();
  return advanced !== undefined;
};
