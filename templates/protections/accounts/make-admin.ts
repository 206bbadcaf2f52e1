import type { AppContext } from '#src/context.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { canonicalEmail } from '#src/services/users/email.ts';
import { findUserByEmail } from '#src/services/users/users.ts';
import { keepInvitation } from './invite.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'roles.granted': { readonly role: string };
  }
}

/** There is an administrator: others are invited by them, not from the command line. */
export class AdminExistsError extends Error {
  constructor() {
    super('There is an administrator already, who can invite others. To make another one all the same, add --another.');
    this.name = 'AdminExistsError';
  }
}

/**
 * Makes the first administrator of an app, which comes without any (ASVS V6.3.2): whoever has the address. No password is chosen for
 * them.
 * @param another also when there is one.
 * @returns whether the role was granted to an account that exists, or an invitation goes out.
 * @throws AdminExistsError
 */
export const makeAdmin = (app: AppContext, address: string, { another = false }: { readonly another?: boolean } = {}): Promise<'granted' | 'invited'> =>
  app.services.db.transaction(async (tx) => {
    const admin = await tx
      .selectFrom('users')
      .select('id')
      .where((eb) => eb(eb.val('admin'), '=', eb.fn.any('roles')))
      .where('disabled_at', 'is', null)
      .executeTakeFirst();
    if (admin !== undefined && !another) throw new AdminExistsError(); // protect: A3
    const user = await findUserByEmail(tx, address);
    if (user === undefined) {
      await keepInvitation(tx, app, { email: canonicalEmail(address), roles: ['admin'] }, null);
      return 'invited';
    }
    const roles = [...new Set([...user.roles, 'admin'])];
    await tx.updateTable('users').set({ roles }).where('id', '=', user.id).execute();
    await recordSecurityEvent(tx, app, { type: 'roles.granted', userId: user.id, details: { role: 'admin' } });
    return 'granted';
  });
