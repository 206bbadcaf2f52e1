import { mayMail } from '#src/protections/auth-password/quiet-limit.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { canonicalEmail } from '#src/services/users/email.ts';
import { resetMail } from './mail.ts';

/**
 * Begins a reset: whether there is an account, and the mail, is for a job. The same is done for every address, and whoever asks
 * learns nothing (CWE-204). An address gets five mails, then one an hour, from wherever they are asked for.
 * @throws Problem 503 when the database is away.
 */
export const requestReset = async ({ app }: Pick<Given, 'app'>, { email }: { readonly email: string }): Promise<void> => {
  const address = canonicalEmail(email);
  if (!(await mayMail(app, 'password-reset', address))) return; // protect: Q410
  await app.services.db.transaction((tx) => enqueue(tx, app, resetMail, { email: address }));
};
