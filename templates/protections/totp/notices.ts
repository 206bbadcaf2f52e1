import type { Transaction } from 'kysely';
import type { AppContext } from '#src/context.ts';
import { oneOf } from '#src/protections/database/list-query.ts';
import { closed } from '#src/protections/validation/core.ts';
import { uuid } from '#src/protections/validation/formats.ts';
import type { Database } from '#src/schema/tables.ts';
import { findUser } from '#src/services/users/users.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import { defineJob } from '#src/protections/jobs/job.ts';

const kinds = ['enabled', 'disabled', 'recovery-code-used', 'recovery-codes-renewed', 'guessed'] as const;
type Kind = (typeof kinds)[number];

const ifNotYou = 'If this was not you: sign in, change your password, and end all other sessions.';

const texts: Readonly<Record<Kind, { readonly subject: string; readonly text: string }>> = {
  enabled: { subject: 'Two-step sign-in is on', text: `From now on your account asks for a code when you sign in. ${ifNotYou}` },
  disabled: { subject: 'Two-step sign-in is off', text: `Your account asks for no code any more when you sign in. ${ifNotYou}` },
  'recovery-code-used': { subject: 'A recovery code was used', text: `Somebody signed in to your account with one of your recovery codes. ${ifNotYou}` },
  'recovery-codes-renewed': { subject: 'You have new recovery codes', text: `The recovery codes that you had before work no more. ${ifNotYou}` },
  guessed: {
    subject: 'Somebody tries codes for your account',
    text: 'They got past the first step of your sign-in, so they may know your password. Sign in, with a recovery code if your code is refused for now, and change it.',
  },
};

/** Tells the owner of an account about its second factor (ASVS V6.3.7). */
export const totpNotice = defineJob({
  type: 'totp.notice',
  payload: closed({ userId: uuid(), kind: oneOf(kinds) }),
  run: async ({ payload, app, tx }) => {
    const user = await findUser(tx, payload.userId);
    if (user !== undefined) await app.services.mailer.send({ to: user.email, ...texts[payload.kind] });
  },
});

/** Leaves the mail in the transaction of what it tells of. */
export const notify = async (tx: Transaction<Database>, app: AppContext, userId: string, kind: Kind): Promise<void> => {
  await enqueue(tx, app, totpNotice, { userId, kind });
};

const day = 86_400_000;

/** Tells the owner that somebody tries codes (ASVS V6.3.5); once a day at most, or the mails would be an attack of their own. */
export const warnOfGuessing = (app: AppContext, userId: string): Promise<void> =>
  app.services.db.transaction(async (tx) => {
    const idempotencyKey = `guessed:${userId}:${Math.floor(app.clock.now() / day)}`;
    await enqueue(tx, app, totpNotice, { userId, kind: 'guessed' }, { idempotencyKey });
  });
