import { Problem } from '#src/protections/app-core/problem.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { requireSession } from '#src/protections/sessions/own-sessions.ts';
import { notify } from './notices.ts';
import { countRecoveryCodes, deleteRecoveryCodes, replaceRecoveryCodes } from './recovery-codes.ts';
import { confirmedSince, deleteSecrets } from './secrets.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'totp.disabled': Readonly<Record<never, never>>;
    'totp.recovery-codes-renewed': Readonly<Record<never, never>>;
  }
}

/** What a user sees of their second factor. */
export interface TotpState {
  readonly enabled: boolean;
  readonly since?: Date;
  readonly recoveryCodesLeft: number;
}

export const totpState = async (given: Given): Promise<TotpState> => {
  const db = given.app.services.db.query;
  const userId = requireSession(given).userId;
  const since = await confirmedSince(db, userId);
  return since === undefined
    ? { enabled: false, recoveryCodesLeft: 0 }
    : { enabled: true, since, recoveryCodesLeft: await countRecoveryCodes(db, userId) };
};

/**
 * Ten new recovery codes; the old ones work no more. The route asks for a step-up.
 * @throws Problem 409 for a user without the second factor.
 */
export const renewRecoveryCodes = (given: Given): Promise<readonly string[]> => {
  const { app, context } = given;
  const userId = requireSession(given).userId;
  return app.services.db.transaction(async (tx) => {
    if ((await confirmedSince(tx, userId)) === undefined) throw new Problem(409, { detail: 'Two-step sign-in is off.' });
    await recordSecurityEvent(tx, app, { type: 'totp.recovery-codes-renewed', userId, details: {}, context }); // protect: Q442
    await notify(tx, app, userId, 'recovery-codes-renewed'); // protect: Q442
    return replaceRecoveryCodes(tx, userId);
  });
};

/** Takes the second factor from the account, and tells its owner by mail. The route asks for a step-up. Twice is once. */
export const removeTotp = (given: Given): Promise<void> => {
  const { app, context } = given;
  const userId = requireSession(given).userId;
  return app.services.db.transaction(async (tx) => {
    await deleteRecoveryCodes(tx, userId);
    if (!(await deleteSecrets(tx, userId))) return;
    await recordSecurityEvent(tx, app, { type: 'totp.disabled', userId, details: {}, context }); // protect: Q442
    await notify(tx, app, userId, 'disabled'); // protect: Q442
  });
};
