import type { Actor } from '#src/protections/app-core/context.ts';
import type { Queries } from '#src/services/db/database.ts';
import { canonicalEmail } from './email.ts';

export interface User {
  readonly id: string;
  /** In the form of `canonicalEmail`. */
  readonly email: string;
  readonly emailVerifiedAt: Date | null;
  readonly roles: readonly string[];
  readonly disabledAt: Date | null;
}

const columns = ['id', 'email', 'email_verified_at', 'roles', 'disabled_at'] as const;

interface Row {
  id: string;
  email: string;
  email_verified_at: Date | null;
  roles: string[];
  disabled_at: Date | null;
}

const toUser = ({ id, email, email_verified_at: emailVerifiedAt, roles, disabled_at: disabledAt }: Row): User => ({
  id,
  email,
  emailVerifiedAt,
  roles,
  disabledAt,
});

/** The user of `id`, disabled ones too. */
export const findUser = async (db: Queries, id: string): Promise<User | undefined> => {
  const row = await db.selectFrom('users').select(columns).where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toUser(row);
};

/** The user of an address in any spelling, disabled ones too. */
export const findUserByEmail = async (db: Queries, email: string): Promise<User | undefined> => {
  const row = await db.selectFrom('users').select(columns).where('email', '=', canonicalEmail(email)).executeTakeFirst();
  return row === undefined ? undefined : toUser(row);
};

/** Whom the app lets act as `user`; nobody when the account is disabled. Roles come from here and nowhere else. */
export const actorOfUser = ({ id, roles, disabledAt }: User): Actor | undefined => (disabledAt === null ? { id, roles } : undefined);

/**
 * Adds a user.
 * @returns undefined when the address is taken: one conditional statement decides, so parallel sign-ups cannot both win.
 */
export const addUser = async (
  db: Queries,
  { email, roles = [], verifiedAt = null }: { readonly email: string; readonly roles?: readonly string[]; readonly verifiedAt?: Date | null },
): Promise<User | undefined> => {
  const row = await db
    .insertInto('users')
    .values({ email: canonicalEmail(email), roles: [...roles], email_verified_at: verifiedAt, disabled_at: null })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning(columns)
    .executeTakeFirst();
  return row === undefined ? undefined : toUser(row);
};
