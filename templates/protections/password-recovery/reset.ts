import { Problem } from '#src/protections/app-core/problem.ts';
import { hasherOf } from '#src/protections/auth-password/hashing/hasher.ts';
import { passwordChangedMail } from '#src/protections/auth-password/mails.ts';
import { setPassword } from '#src/protections/auth-password/passwords.ts';
import { assertAcceptable } from '#src/protections/auth-password/policy/policy.ts';
import { forgiveAccount } from '#src/protections/auth-password/tries.ts';
import { digestOf } from '#src/protections/encryption/token.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import { factorsOf, hasSecondFactor } from '#src/protections/sessions/factors.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { endSessionsOf } from '#src/protections/sessions/sign-in.ts';
import type { Queries } from '#src/services/db/database.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';

export interface Reset {
  /** From the link. */
  readonly token: string;
  readonly password: string;
}

/** One answer to a token that is wrong, used, expired, replaced, or was for something else. */
const tokenInvalid = (): Problem => new Problem(400, { detail: 'This link has expired or was used before. Ask for another one.', extensions: { code: 'token_invalid' } });

/**
 * Sets the password of whoever has the link. Every session and device of the user ends; nobody is signed in by it, and a second
 * factor is still asked for afterwards (ASVS V6.4.3).
 * @throws Problem 400 `token_invalid`, 422 `password_refused`, after which the link still works; 503.
 */
export const resetPassword = async ({ app, context }: Given, { token, password }: Reset): Promise<void> => {
  const { db } = app.services;
  const digest = digestOf(token);
  const owner = await ownerOf(db.query, digest, new Date(app.clock.now()));
  if (owner === undefined) throw tokenInvalid();
  const withSecondFactor = await hasSecondFactor(factorsOf(app).secondFactors, db.query, owner.id);
  await assertAcceptable(app, password, { email: owner.email, hasSecondFactor: withSecondFactor }); // protect: Q410
  const hash = await hasherOf(app).hash(password);
  await db.transaction(async (tx) => {
    // Deleted and read at once: of many requests with one token one gets the row.
    const won = await tx.deleteFrom('password_resets').where('token_digest', '=', digest).returning('user_id').executeTakeFirst();
    if (won === undefined) throw tokenInvalid(); // protect: Q410
    await setPassword(tx, app, won.user_id, hash);
    await verifyAddress(tx, won.user_id, new Date(app.clock.now()));
    await endSessionsOf(tx, app, won.user_id); // protect: Q410
    await recordSecurityEvent(tx, app, { type: 'password.changed', userId: won.user_id, details: { by: 'mail' }, context });
    await enqueue(tx, app, passwordChangedMail, { userId: won.user_id });
  });
  await forgiveAccount({ app }, owner.email); // protect: Q410
};

const ownerOf = (db: Queries, digest: Buffer, now: Date): Promise<{ id: string; email: string } | undefined> =>
  db
    .selectFrom('password_resets')
    .innerJoin('users', 'users.id', 'password_resets.user_id')
    .select(['users.id', 'users.email'])
    .where('token_digest', '=', digest)
    .where('expires_at', '>', now) // protect: Q410
    .where('disabled_at', 'is', null) // protect: Q410
    .executeTakeFirst();

/** Whoever came by the mail has shown that the address is theirs. */
const verifyAddress = async (tx: Queries, userId: string, now: Date): Promise<void> => {
  await tx.updateTable('users').set({ email_verified_at: now }).where('id', '=', userId).where('email_verified_at', 'is', null).execute();
};
