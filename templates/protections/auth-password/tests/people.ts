import { hasherOf } from '#src/protections/auth-password/hashing/hasher.ts';
import { setPassword } from '#src/protections/auth-password/passwords.ts';
import type { TestApp } from '#tests/support/app.ts';
import type { Received } from '#tests/support/http.ts';
import type { Browser } from '#tests/support/sessions/browser.ts';
import { makeUser } from '#tests/support/sessions/people.ts';

/** Somebody who can sign in by a password. */
export interface PasswordPerson {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
}

/** A password that the policy takes. */
export const goodPassword = 'violin under seven lamps';

/** Makes somebody with a password, somebody new unless an address is given. */
export const makePerson = async (
  app: TestApp,
  { password = goodPassword, ...user }: { readonly password?: string; readonly email?: string; readonly roles?: readonly string[] } = {},
): Promise<PasswordPerson> => {
  const { id, email } = await makeUser(app, user);
  await setPassword(app.context.services.db.query, app.context, id, await hasherOf(app.context).hash(password));
  return { userId: id, email, password };
};

/** Signs in, or tries to. */
export const login = (browser: Browser, { email, password }: { readonly email: string; readonly password: string }): Promise<Received> =>
  browser.post('/auth/login', { email, password });

/** The stored hash of a user; undefined when there is none. */
export const storedHash = async ({ context }: TestApp, userId: string): Promise<string | undefined> => {
  const row = await context.services.db.query.selectFrom('passwords').select('hash').where('user_id', '=', userId).executeTakeFirst();
  return row?.hash;
};

/** Puts a hash where another app would have left it. */
export const storeHash = async ({ context, clock }: TestApp, userId: string, hash: string): Promise<void> => {
  const set = { hash, changed_at: new Date(clock.now()) };
  await context.services.db.query
    .insertInto('passwords')
    .values({ user_id: userId, ...set })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(set))
    .execute();
};
