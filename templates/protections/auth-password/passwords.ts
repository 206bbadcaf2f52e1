import type { AppContext } from '#src/context.ts';
import type { Queries } from '#src/services/db/database.ts';
import { canonicalEmail } from '#src/services/users/email.ts';

/** What is known of an account that somebody tries to sign in to. */
export interface PasswordAccount {
  readonly userId: string;
  readonly email: string;
  /** Undefined when nobody can sign in to it by a password: it has none, it is disabled, its address was never verified. */
  readonly hash: string | undefined;
  readonly mustChange: boolean;
}

const columns = ['users.id', 'users.email', 'users.email_verified_at', 'users.disabled_at', 'passwords.hash', 'passwords.must_change'] as const;

interface Row {
  id: string;
  email: string;
  email_verified_at: Date | null;
  disabled_at: Date | null;
  hash: string | null;
  must_change: boolean | null;
}

const toAccount = ({ id, email, email_verified_at: verifiedAt, disabled_at: disabledAt, hash, must_change: mustChange }: Row): PasswordAccount => {
  const isUsable = disabledAt === null && verifiedAt !== null; // protect: Q447 (disabledAt === null && verifiedAt !== null -> true)
  return { userId: id, email, hash: isUsable ? (hash ?? undefined) : undefined, mustChange: mustChange === true };
};

const accounts = (db: Queries) => db.selectFrom('users').leftJoin('passwords', 'passwords.user_id', 'users.id').select(columns);

/** The account of an address in any spelling; disabled ones too, without their hash. */
export const findAccount = async (db: Queries, email: string): Promise<PasswordAccount | undefined> => {
  // protect: Q447 (canonicalEmail(email) -> email)
  const row = await accounts(db).where('users.email', '=', canonicalEmail(email)).executeTakeFirst();
  return row === undefined ? undefined : toAccount(row);
};

/** The account of a user. */
export const findAccountOf = async (db: Queries, userId: string): Promise<PasswordAccount | undefined> => {
  const row = await accounts(db).where('users.id', '=', userId).executeTakeFirst();
  return row === undefined ? undefined : toAccount(row);
};

/** 1 for a user who can sign in by a password, 0 for the others. */
export const countPasswords = async (db: Queries, userId: string): Promise<number> => ((await findAccountOf(db, userId))?.hash === undefined ? 0 : 1);

/** Gives a user a password, the first one or another. Whatever it was to be changed for is over. */
export const setPassword = async (tx: Queries, { clock }: Pick<AppContext, 'clock'>, userId: string, hash: string): Promise<void> => {
  const set = { hash, changed_at: new Date(clock.now()), must_change: false };
  await tx
    .insertInto('passwords')
    .values({ user_id: userId, ...set })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(set))
    .execute();
};

/**
 * Writes the hash of the same password anew, by a better scheme.
 * @returns false when another password was set meanwhile: that one stays (CWE-362).
 */
export const replaceHash = async (db: Queries, userId: string, { from, to }: { readonly from: string; readonly to: string }): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable('passwords')
    .set({ hash: to })
    .where('user_id', '=', userId)
    .where('hash', '=', from) // protect: Q424
    .executeTakeFirst();
  return numUpdatedRows === 1n;
};

/** True while a password has not been set anew. */
export const isCurrentHash = async (db: Queries, userId: string, hash: string): Promise<boolean> => {
  const row = await db.selectFrom('passwords').select('user_id').where('user_id', '=', userId).where('hash', '=', hash).executeTakeFirst();
  return row !== undefined;
};

/** There is evidence that somebody else knows the password: from now on it opens nothing but the way to another one. */
export const demandChange = async (db: Queries, userId: string): Promise<void> => {
  await db.updateTable('passwords').set({ must_change: true }).where('user_id', '=', userId).execute();
};

/** Takes a password away: only the way by mail leads to another one. */
export const dropPassword = async (tx: Queries, userId: string): Promise<void> => {
  await tx.deleteFrom('passwords').where('user_id', '=', userId).execute();
};
