import { Problem } from '#src/protections/app-core/problem.ts';
import { safeEqual } from '#src/protections/encryption/safe-equal.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import { factorsOf, hasSecondFactor } from '#src/protections/sessions/factors.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { requireSession } from '#src/protections/sessions/own-sessions.ts';
import { stepUpRequired } from '#src/protections/sessions/policy.ts';
import { endSessionsOf, renewSession } from '#src/protections/sessions/sign-in.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { hasherOf } from './hashing/hasher.ts';
import { passwordChangedMail } from './mails.ts';
import { findAccountOf, replaceHash, setPassword } from './passwords.ts';
import { assertAcceptable, passwordRefused } from './policy/policy.ts';
import { passwordWay } from './sign-in.ts';
import { giveBack, takeConfirmation } from './tries.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'password.changed': { readonly by: 'owner' | 'mail' };
    /** Somebody who is signed in did not know the password. */
    'password.not-confirmed': Readonly<Record<never, never>>;
  }
}

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

/**
 * Sets another password. The other sessions and devices of the user end with it; this one goes on under another id, and a limit to
 * changing the password is over. The owner is told by mail.
 * @throws Problem 403 `password_wrong` for a wrong current password, 403 `step_up_required` where a second factor is set up and the
 * last proof is old, 409 when the password was changed meanwhile, 422 `password_refused`, 429, 503.
 */
export const changePassword = async (given: Given, { currentPassword, newPassword }: PasswordChange): Promise<void> => {
  const { app, context } = given;
  const { userId, isFresh } = requireSession(given);
  const withSecondFactor = await hasSecondFactor(factorsOf(app).secondFactors, app.services.db.query, userId);
  if (withSecondFactor && !isFresh) throw stepUpRequired(); // protect: Q456
  const { email, hash: before } = await confirmPassword(given, userId, currentPassword);
  if (safeEqual(newPassword, currentPassword)) throw passwordRefused('same');
  await assertAcceptable(app, newPassword, { email, hasSecondFactor: withSecondFactor });
  const hash = await hasherOf(app).hash(newPassword);
  await app.services.db.transaction(async (tx) => {
    // Of two changes that confirmed the same password, the second one changes nothing (CWE-362).
    if (!(await replaceHash(tx, userId, { from: before, to: hash }))) throw new Problem(409, { detail: 'The password was changed meanwhile.' });
    await setPassword(tx, app, userId, hash);
    await endSessionsOf(tx, app, userId, { except: given }); // protect: Q456
    await recordSecurityEvent(tx, app, { type: 'password.changed', userId, details: { by: 'owner' }, context });
    await enqueue(tx, app, passwordChangedMail, { userId }); // protect: Q456
  });
  await renewSession(given, { way: passwordWay }); // protect: Q456
};

/**
 * Step-up: who is signed in says their password once more. The session goes on under another id.
 * @throws Problem 403 `password_wrong`, 429, 503.
 */
export const passwordStepUp = async (given: Given, { password }: { readonly password: string }): Promise<void> => {
  const { userId } = requireSession(given);
  await confirmPassword(given, userId, password);
  await renewSession(given, { way: passwordWay });
};

/** Counted first, like a sign-in: an open browser that somebody found must not tell its owner's password. */
const confirmPassword = async (given: Given, userId: string, password: string): Promise<{ readonly email: string; readonly hash: string }> => {
  const { app, context } = given;
  const tries = await takeConfirmation(given, userId); // protect: Q456 (await takeConfirmation(given, userId) -> { forgotten: [], givenBack: [] })
  const account = await findAccountOf(app.services.db.query, userId);
  const { valid } = await hasherOf(app).verify(password, account?.hash);
  if (account?.hash === undefined || !valid) {
    await recordSecurityEvent(app.services.db.query, app, { type: 'password.not-confirmed', userId, details: {}, context });
    throw new Problem(403, { detail: 'The current password is another one.', extensions: { code: 'password_wrong' } });
  }
  await giveBack(given, tries);
  return { email: account.email, hash: account.hash };
};
