import type { AppContext } from '#src/context.ts';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { serviceRole } from '#src/protections/access-control/internal-listener.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { hasherOf } from '#src/protections/auth-password/hashing/hasher.ts';
import { setPassword } from '#src/protections/auth-password/passwords.ts';
import { assertAcceptable } from '#src/protections/auth-password/policy/policy.ts';
import { digestOf } from '#src/protections/encryption/token.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import type { Queries } from '#src/services/db/database.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { canonicalEmail } from '#src/services/users/email.ts';
import { addUser } from '#src/services/users/users.ts';
import { codeInvalid, invitationMs } from './codes.ts';
import { invitationMail } from './mails.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    /** Somebody may have an account; `roles` are those it will have. */
    'account.invited': { readonly invitation: string; readonly roles: string };
  }
}

export interface Invitation {
  readonly email: string;
  readonly roles: readonly string[];
}

/** Keeps an invitation and leaves its mail; an earlier one for the same address does not count any more. */
export const keepInvitation = async (tx: Queries, app: AppContext, { email, roles }: Invitation, invitedBy: string | null): Promise<string> => {
  const row = { roles: [...roles], invited_by: invitedBy, code_digest: null, expires_at: new Date(app.clock.now() + invitationMs) };
  const { id } = await tx
    .insertInto('invitations')
    .values({ email: canonicalEmail(email), ...row })
    .onConflict((conflict) => conflict.column('email').doUpdateSet(row))
    .returning('id')
    .executeTakeFirstOrThrow();
  await recordSecurityEvent(tx, app, { type: 'account.invited', userId: invitedBy, details: { invitation: id, roles: roles.join(' ') } });
  await enqueue(tx, app, invitationMail, { invitation: id });
  return id;
};

/**
 * Invites somebody, who chooses their own password: an administrator knows none (ASVS V6.4.1). For administrators.
 * @throws Problem 422 for a role that is for machines.
 */
export const invite = async (given: Given, invitation: Invitation): Promise<void> => {
  const { id } = actorOf(given.context);
  // What opens the internal routes is for machines.
  if (invitation.roles.includes(serviceRole)) throw new Problem(422, { detail: 'No person has this role.', extensions: { path: '/body/roles', rule: 'role' } }); // protect: A3
  await given.app.services.db.transaction((tx) => keepInvitation(tx, given.app, invitation, id));
};

export interface Acceptance {
  /** From the link. */
  readonly code: string;
  readonly password: string;
}

/**
 * Makes the account of somebody who was invited. Roles come from the invitation, never from the request. Does not sign in.
 * @throws Problem 400 `code_invalid`, 422 `password_refused`, 503.
 */
export const acceptInvitation = async ({ app, context }: Given, { code, password }: Acceptance): Promise<void> => {
  const now = new Date(app.clock.now());
  const digest = digestOf(code);
  const invitation = await app.services.db.query
    .selectFrom('invitations')
    .select('email')
    .where('code_digest', '=', digest)
    .where('expires_at', '>', now) // protect: A3
    .executeTakeFirst();
  if (invitation === undefined) throw codeInvalid();
  await assertAcceptable(app, password, { email: invitation.email, hasSecondFactor: false }); // protect: A3
  const hash = await hasherOf(app).hash(password);
  await app.services.db.transaction(async (tx) => {
    const won = await tx.deleteFrom('invitations').where('code_digest', '=', digest).returning(['email', 'roles']).executeTakeFirst();
    const user = won === undefined ? undefined : await addUser(tx, { email: won.email, roles: won.roles, verifiedAt: now });
    if (user === undefined) throw codeInvalid(); // protect: A3
    await setPassword(tx, app, user.id, hash);
    await recordSecurityEvent(tx, app, { type: 'account.created', userId: user.id, details: { by: 'invitation' }, context });
  });
};
