import type { Transaction } from 'kysely';
import type { AppContext } from '#src/context.ts';
import { oneOf } from '#src/protections/database/list-query.ts';
import { closed } from '#src/protections/validation/core.ts';
import { uuid } from '#src/protections/validation/formats.ts';
import type { Database } from '#src/schema/tables.ts';
import { findUser } from '#src/services/users/users.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import { defineJob } from '#src/protections/jobs/job.ts';

const kinds = ['added', 'removed', 'copied'] as const;
type Kind = (typeof kinds)[number];

const texts: Readonly<Record<Kind, { readonly subject: string; readonly text: string }>> = {
  added: {
    subject: 'A passkey was added to your account',
    text: 'You can sign in with it from now on. If you did not add it: sign in, remove it, and end all other sessions.',
  },
  removed: {
    subject: 'A passkey was removed from your account',
    text: 'It cannot be used any more. If you did not remove it: sign in, look at your passkeys, and end all other sessions.',
  },
  copied: {
    subject: 'A sign-in with your passkey was refused',
    text: 'One of your passkeys was used out of order, as a copy of it would be. Remove that passkey and add a new one.',
  },
};

/** Tells the owner of an account about its passkeys (ASVS V6.3.7). */
export const passkeyNotice = defineJob({
  type: 'passkeys.notice',
  payload: closed({ userId: uuid(), kind: oneOf(kinds) }),
  run: async ({ payload, app, tx }) => {
    const user = await findUser(tx, payload.userId);
    if (user !== undefined) await app.services.mailer.send({ to: user.email, ...texts[payload.kind] });
  },
});

/** Leaves the mail in the transaction of what it tells of. */
export const notify = async (tx: Transaction<Database>, app: AppContext, userId: string, kind: Kind): Promise<void> => {
  await enqueue(tx, app, passkeyNotice, { userId, kind });
};
