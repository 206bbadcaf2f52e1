import type { AppContext } from '#src/context.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import { type SignInOutcome, endSession, signIn, signInFailed } from '#src/protections/sessions/sign-in.ts';
import type { Queries } from '#src/services/db/database.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { hasherOf } from './hashing/hasher.ts';
import { rememberDevice } from './known-device.ts';
import { failuresMail } from './mails.ts';
import { type PasswordAccount, demandChange, findAccount, isCurrentHash, replaceHash } from './passwords.ts';
import { isBreached } from './policy/breached.ts';
import { giveBack, takeTry } from './tries.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    /** The password that somebody signed in with stood in a leak: it must be changed. */
    'password.breached': Readonly<Record<never, never>>;
  }
}

/** The id of this way to sign in. */
export const passwordWay = 'password';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** So many failures before a success are told to the owner. */
const manyFailures = 5;

/**
 * Signs in by address and password. Unknown, disabled and unverified accounts, accounts without a password and wrong passwords do
 * the same work and get the same answer.
 * @throws Problem 401 for whatever is wrong, 429 for too many tries, 503 when too many are being hashed.
 */
export const passwordSignIn = async (given: Given, { email, password }: Credentials): Promise<SignInOutcome> => {
  const { app } = given;
  const tries = await takeTry(given, email); // protect: Q435 (await takeTry(given, email) -> { forgotten: [], givenBack: [] })
  const account = await findAccount(app.services.db.query, email);
  const { valid, outdated } = await hasherOf(app).verify(password, account?.hash);
  if (account?.hash === undefined || !valid) throw await signInFailed(given, { way: passwordWay, userId: account?.userId ?? null });
  const hash = outdated ? await rehash(app, account.userId, { password, from: account.hash }) : account.hash;
  const outcome = await openSession(given, account, { hash, password });
  await giveBack(given, tries);
  rememberDevice(given, account.email);
  return outcome;
};

const openSession = async (given: Given, account: PasswordAccount, { hash, password }: { readonly hash: string; readonly password: string }): Promise<SignInOutcome> => {
  const { app } = given;
  const { userId } = account;
  const mustChange = account.mustChange || (await findBreach(given, userId, password));
  const failures = await failuresSinceSuccess(app.services.db.query, userId);
  const limit = mustChange ? { limitedTo: 'password-change' as const } : {}; // protect: Q435, Q456 (mustChange -> false)
  const outcome = await signIn(given, { userId, way: passwordWay, factors: 'one', ...limit });
  await assertStillRight(given, userId, hash);
  if (failures >= manyFailures) await app.services.db.transaction((tx) => enqueue(tx, app, failuresMail, { userId, failures })); // protect: Q435
  return outcome;
};

/** Somebody who knows the old password must not come in beside its change, which ends every session that is there by then (CWE-367). */
const assertStillRight = async (given: Given, userId: string, hash: string): Promise<void> => {
  const isCurrent = await isCurrentHash(given.app.services.db.query, userId, hash); // protect: Q456 (await isCurrentHash(given.app.services.db.query, userId, hash) -> true)
  if (isCurrent) return;
  await endSession(given);
  throw await signInFailed(given, { way: passwordWay, userId });
};

/** The hash that counts from now on: the new one, or the old one where somebody set another password meanwhile. */
const rehash = async (app: AppContext, userId: string, { password, from }: { readonly password: string; readonly from: string }): Promise<string> => {
  const to = await hasherOf(app).hash(password);
  return (await replaceHash(app.services.db.query, userId, { from, to })) ? to : from;
};

/** Asked only when the password was right: a guess costs no call to the outside, and learns nothing from it. */
const findBreach = async (given: Given, userId: string, password: string): Promise<boolean> => {
  const { app, context } = given;
  if (!(await isBreached(app, password))) return false;
  await app.services.db.transaction(async (tx) => {
    await demandChange(tx, userId);
    await recordSecurityEvent(tx, app, { type: 'password.breached', userId, details: {}, context });
  });
  return true;
};

/** Wrong passwords since somebody last signed in. */
const failuresSinceSuccess = async (db: Queries, userId: string): Promise<number> => {
  const { count } = await db
    .selectFrom('security_events')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('user_id', '=', userId)
    .where('type', '=', 'sign-in.failed')
    .where('id', '>', (eb) =>
      eb
        .selectFrom('security_events as success')
        .select((inner) => inner.fn.coalesce(inner.fn.max('success.id'), inner.val('0')).as('last'))
        .where('success.user_id', '=', userId)
        .where('success.type', '=', 'sign-in.succeeded'),
    )
    .executeTakeFirstOrThrow();
  return Number(count);
};
