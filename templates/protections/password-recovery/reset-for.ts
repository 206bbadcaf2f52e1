import { foundOr404 } from '#src/protections/access-control/missing.ts';
import { dropPassword } from '#src/protections/auth-password/passwords.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { endSessionsOf } from '#src/protections/sessions/sign-in.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { findUser } from '#src/services/users/users.ts';
import { resetMail } from './mail.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    /** An administrator took a password away. */
    'password.reset-by-admin': { readonly by: string };
  }
}

/**
 * For an administrator who has reason to think that somebody else knows a password: it works no more, every session ends, and its
 * owner gets a link by mail. The administrator chooses no password, and sees none (ASVS V6.4.6).
 * @throws Problem 404 when there is no such user.
 */
export const resetFor = async ({ app, context }: Given, { userId, by }: { readonly userId: string; readonly by: string }): Promise<void> => {
  await app.services.db.transaction(async (tx) => {
    const { id, email } = foundOr404(await findUser(tx, userId));
    await dropPassword(tx, id); // protect: Q456
    await endSessionsOf(tx, app, id); // protect: Q456
    await recordSecurityEvent(tx, app, { type: 'password.reset-by-admin', userId: id, details: { by }, context });
    await enqueue(tx, app, resetMail, { email });
  });
};
