import { Problem } from '#src/protections/app-core/problem.ts';
import { hasherOf } from '#src/protections/auth-password/hashing/hasher.ts';
import { setPassword } from '#src/protections/auth-password/passwords.ts';
import { digestOf } from '#src/protections/encryption/token.ts';
import { takeAttempt, usualRule } from '#src/protections/sessions/attempts.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { addUser } from '#src/services/users/users.ts';
import { codeInvalid } from './codes.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    /** Somebody has an account now. */
    'account.created': { readonly by: 'registration' | 'invitation' };
  }
}

export interface Verification {
  /** From the link. */
  readonly code: string;
  /** The one that was chosen at sign-up. */
  readonly password: string;
}

/**
 * Ends a sign-up: from now on there is an account. It takes the code, which only the owner of the mailbox has, and the password,
 * which only whoever signed up has. A stranger who signs up with the address of somebody else gets no account when that person
 * opens the link (pre-hijacking, CWE-287). Does not sign in.
 * @throws Problem 400 `code_invalid`, 403 `password_wrong`, 429, 503.
 */
export const verifyEmail = async (given: Given, { code, password }: Verification): Promise<void> => {
  const { app, context } = given;
  const now = new Date(app.clock.now());
  const digest = digestOf(code);
  const registration = await app.services.db.query
    .selectFrom('registrations')
    .select(['id', 'password_hash'])
    .where('code_digest', '=', digest)
    .where('code_expires_at', '>', now) // protect: A2
    .executeTakeFirst();
  if (registration === undefined) throw codeInvalid();
  await takeAttempt(app, app.services.db.query, `registration:${registration.id}`, usualRule); // protect: A2
  const { valid } = await hasherOf(app).verify(password, registration.password_hash);
  if (!valid) throw wrongPassword(); // protect: A2
  await app.services.db.transaction(async (tx) => {
    // Deleted and read at once: of two requests with one code one gets the row.
    const won = await tx.deleteFrom('registrations').where('code_digest', '=', digest).returning(['email', 'password_hash']).executeTakeFirst();
    const user = won === undefined ? undefined : await addUser(tx, { email: won.email, verifiedAt: now });
    if (won === undefined || user === undefined) throw codeInvalid(); // protect: A2
    await setPassword(tx, app, user.id, won.password_hash);
    await recordSecurityEvent(tx, app, { type: 'account.created', userId: user.id, details: { by: 'registration' }, context });
  });
};

const wrongPassword = (): Problem =>
  new Problem(403, {
    detail: 'This is not the password that was chosen at sign-up. If it was somebody else who signed up, sign up anew.',
    extensions: { code: 'password_wrong' },
  });
