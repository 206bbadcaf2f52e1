import { randomUUID } from 'node:crypto';
import type { AppContext } from '#src/context.ts';
import type { Queries } from '#src/services/db/database.ts';
import { type Place, open, seal } from '#src/protections/encryption/seal.ts';
import type { SealedColumn } from '#src/protections/encryption/sealed-columns.ts';

/** How long a secret waits for its first code, ms. */
const pendingMs = 15 * 60_000;

/** A secret as an authenticator app knows it. */
export interface TotpSecret {
  readonly id: string;
  /** Base32. */
  readonly secret: string;
}

/** Where the secrets stand, for rotation. */
export const secretColumn: SealedColumn = { purpose: 'totp.secret', table: 'totp_secrets', column: 'secret', row: 'id' };

const placeOf = (row: string): Place => ({ ...secretColumn, row });

const opened = (app: AppContext, { id, secret }: TotpSecret): TotpSecret => ({ id, secret: open(app, placeOf(id), secret).toString() });

/** Keeps a secret that nobody has confirmed, in the place of the one that waited before. @returns until when it waits. */
export const putPending = async (db: Queries, app: AppContext, userId: string, secret: string): Promise<Date> => {
  const id = randomUUID();
  const now = app.clock.now();
  const row = { id, secret: seal(app, placeOf(id), secret), created_at: new Date(now) };
  await db
    .insertInto('totp_secrets')
    .values({ ...row, user_id: userId, confirmed_at: null })
    .onConflict((conflict) => conflict.column('user_id').where('confirmed_at', 'is', null).doUpdateSet(row))
    .execute();
  return new Date(now + pendingMs);
};

/** The secret that waits to be confirmed; undefined when there is none, or when it has waited for too long. */
export const findPending = async (db: Queries, app: AppContext, userId: string): Promise<TotpSecret | undefined> => {
  const row = await db
    .selectFrom('totp_secrets')
    .select(['id', 'secret'])
    .where('user_id', '=', userId)
    .where('confirmed_at', 'is', null)
    .where('created_at', '>', new Date(app.clock.now() - pendingMs)) // protect: Q442
    .executeTakeFirst();
  return row && opened(app, row);
};

/** The secret whose codes count. */
export const findConfirmed = async (db: Queries, app: AppContext, userId: string): Promise<TotpSecret | undefined> => {
  const row = await db
    .selectFrom('totp_secrets')
    .select(['id', 'secret'])
    .where('user_id', '=', userId)
    .where('confirmed_at', 'is not', null) // protect: Q442
    .executeTakeFirst();
  return row && opened(app, row);
};

/** Since when a user has a second factor of this kind; undefined when there is none. */
export const confirmedSince = async (db: Queries, userId: string): Promise<Date | undefined> => {
  const row = await db
    .selectFrom('totp_secrets')
    .select('confirmed_at')
    .where('user_id', '=', userId)
    .where('confirmed_at', 'is not', null)
    .executeTakeFirst();
  return row?.confirmed_at ?? undefined;
};

/**
 * Makes a waiting secret the one that counts, in the place of the one before. Its first code is used up.
 * @returns false when it does not wait any more: another request was faster.
 */
export const confirmPending = async (tx: Queries, app: AppContext, userId: string, { id }: TotpSecret, step: number): Promise<boolean> => {
  await tx.deleteFrom('totp_secrets').where('user_id', '=', userId).where('confirmed_at', 'is not', null).execute();
  const confirmed = await tx
    .updateTable('totp_secrets')
    .set({ confirmed_at: new Date(app.clock.now()), last_step: step })
    .where('id', '=', id)
    .where('confirmed_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return confirmed !== undefined;
};

/**
 * Uses up the code of a time step, and with it those of all steps before. One conditional statement decides, so that of
 * parallel requests with one code one is accepted, whichever processes they reach (CWE-294, CWE-362).
 * @returns false when the step was used, or a later one.
 */
export const spendStep = async (db: Queries, id: string, step: number): Promise<boolean> => {
  const spent = await db
    .updateTable('totp_secrets')
    .set({ last_step: step })
    .where('id', '=', id)
    .where('last_step', '<', step) // protect: Q442
    .returning('id')
    .executeTakeFirst();
  return spent !== undefined;
};

/** Forgets the secrets of a user, the waiting one too. @returns whether one of them counted. */
export const deleteSecrets = async (tx: Queries, userId: string): Promise<boolean> => {
  const deleted = await tx.deleteFrom('totp_secrets').where('user_id', '=', userId).returning('confirmed_at').execute();
  return deleted.some((row) => row.confirmed_at !== null);
};

const dayMs = 86_400_000;

/** Forgets secrets that nobody confirmed. */
export const deleteAbandoned = async (tx: Queries, { clock }: Pick<AppContext, 'clock'>): Promise<void> => {
  await tx
    .deleteFrom('totp_secrets')
    .where('confirmed_at', 'is', null)
    .where('created_at', '<', new Date(clock.now() - dayMs))
    .execute();
};
