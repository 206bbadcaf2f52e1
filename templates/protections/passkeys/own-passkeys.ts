import { foundOr404 } from '#src/protections/access-control/missing.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { countWaysToSignIn } from '#src/protections/sessions/factors.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { requireSession } from '#src/protections/sessions/own-sessions.ts';
import { notify } from './notices.ts';
import { type Passkey, deleteOwn, passkeysOf, renameOwn } from './store.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'passkey.removed': { readonly passkey: string };
  }
}

/** The passkeys of the user, the oldest first. */
export const listPasskeys = (given: Given): Promise<Passkey[]> => passkeysOf(given.app.services.db.query, requireSession(given).userId);

/** @throws Problem 404 for a passkey that is not the user's own. */
export const renamePasskey = async (given: Given, id: string, name: string): Promise<Passkey> =>
  foundOr404(await renameOwn(given.app.services.db.query, requireSession(given).userId, id, name));

const lastWay = (): Problem =>
  new Problem(409, { detail: 'It is the last way to sign in. Add another one first.', extensions: { code: 'last_way_to_sign_in' } });

/**
 * Removes a passkey of the user. The route asks for a step-up.
 * @throws Problem 404 for a passkey that is not the user's own; 409 for the last way in which the user can sign in.
 */
export const removePasskey = (given: Given, id: string): Promise<void> => {
  const { app, context } = given;
  const userId = requireSession(given).userId;
  return app.services.db.transaction(async (tx) => {
    // One at a time for each user: two that are removed at once would each see the other left (CWE-362).
    await tx.selectFrom('users').select('id').where('id', '=', userId).forUpdate().execute();
    if (!(await deleteOwn(tx, userId, id))) throw new Problem(404);
    const isLast = (await countWaysToSignIn(tx, app, userId)) === 0;
    if (isLast) throw lastWay(); // protect: Q454
    await recordSecurityEvent(tx, app, { type: 'passkey.removed', userId, details: { passkey: id }, context }); // protect: Q454
    await notify(tx, app, userId, 'removed'); // protect: Q454
  });
};
