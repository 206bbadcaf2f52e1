import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { hasherOf } from '#src/protections/auth-password/hashing/hasher.ts';
import { assertAcceptable } from '#src/protections/auth-password/policy/policy.ts';
import { mayMail } from '#src/protections/auth-password/quiet-limit.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import type { Queries } from '#src/services/db/database.ts';
import { canonicalEmail } from '#src/services/users/email.ts';
import { registrationMs } from './codes.ts';
import { registrationMail } from './mails.ts';

export interface SignUp {
  readonly email: string;
  readonly password: string;
}

/**
 * Begins a sign-up: the rest happens in a job and by mail. The same is done for every address, known or not: the password is hashed,
 * a row is written, a job is left. Who has an account is told by a mail that they do, and nobody else is.
 * @throws Problem 422 `password_refused`, 403 `registration_closed`, 503.
 */
export const register = async ({ app }: Pick<Given, 'app'>, { email, password }: SignUp): Promise<void> => {
  if (app.config.REGISTRATION !== 'open') throw new Problem(403, { extensions: { code: 'registration_closed' } }); // protect: A3
  const address = canonicalEmail(email); // protect: A1 (canonicalEmail(email) -> email)
  await assertAcceptable(app, password, { email: address, hasSecondFactor: false });
  const hash = await hasherOf(app).hash(password);
  if (!(await mayMail(app, 'registration', address))) return; // protect: A1
  await app.services.db.transaction(async (tx) => {
    const registration = await keepRegistration(tx, app, address, hash);
    await enqueue(tx, app, registrationMail, { registration });
  });
};

/**
 * Asks for another mail about a sign-up, in case the first one was lost or too old. Silent about whether there is one.
 */
export const resendVerification = async ({ app }: Pick<Given, 'app'>, { email }: { readonly email: string }): Promise<void> => {
  const address = canonicalEmail(email);
  if (!(await mayMail(app, 'registration', address))) return;
  await app.services.db.transaction(async (tx) => {
    const row = await tx.selectFrom('registrations').select('id').where('email', '=', address).executeTakeFirst();
    // An id of nothing leaves the same job for an address that nobody signed up with.
    await enqueue(tx, app, registrationMail, { registration: row?.id ?? nobody });
  });
};

const nobody = '00000000-0000-4000-8000-000000000000';

/** The newest sign-up of an address counts, and the code of the one before does not any more. @returns its id. */
const keepRegistration = async (tx: Queries, { clock }: Pick<AppContext, 'clock'>, email: string, hash: string): Promise<string> => {
  const row = { password_hash: hash, code_digest: null, code_expires_at: null, expires_at: new Date(clock.now() + registrationMs) };
  const { id } = await tx
    .insertInto('registrations')
    .values({ email, ...row })
    .onConflict((conflict) => conflict.column('email').doUpdateSet(row))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
};
