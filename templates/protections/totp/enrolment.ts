import { Problem } from '#src/protections/app-core/problem.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { findUser } from '#src/services/users/users.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { requireSession } from '#src/protections/sessions/own-sessions.ts';
import { endSessionsOf, renewSession } from '#src/protections/sessions/sign-in.ts';
import { newSecret, otpauthUri, stepOfCode } from './code.ts';
import { notify } from './notices.ts';
import { qrSvg } from './qr.ts';
import { replaceRecoveryCodes } from './recovery-codes.ts';
import { confirmPending, findPending, putPending } from './secrets.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'totp.enabled': Readonly<Record<never, never>>;
  }
}

/** What an authenticator app needs. Shown once, never kept by a cache. */
export interface TotpEnrolment {
  /** Base32, for typing. */
  readonly secret: string;
  /** `otpauth://totp/...`, for a link on the same device. */
  readonly uri: string;
  /** The same as a QR code, SVG. */
  readonly qr: string;
  /** Until when a code of it can be shown. */
  readonly expiresAt: Date;
}

/**
 * Makes a secret that waits to be confirmed. It counts for nothing until then: neither a sign-in asks for it, nor does it
 * touch the one that is in use. The route asks for a step-up.
 */
export const startTotpEnrolment = async (given: Given): Promise<TotpEnrolment> => {
  const { app } = given;
  const db = app.services.db.query;
  const userId = requireSession(given).userId;
  const user = await findUser(db, userId);
  if (user === undefined) throw new Problem(401);
  const secret = newSecret();
  const expiresAt = await putPending(db, app, userId, secret);
  const uri = otpauthUri(secret, { issuer: new URL(app.config.BASE_URL).hostname, label: user.email });
  return { secret, uri, qr: qrSvg(uri), expiresAt };
};

/**
 * Makes the waiting secret the second factor of the user, once a code shows that their app has it. All other sessions of
 * the user end: they were opened without it.
 * @returns ten recovery codes, to be shown once.
 * @throws Problem 409 when no secret waits; 422 for a wrong code.
 */
export const confirmTotp = async (given: Given, code: string): Promise<readonly string[]> => {
  const { app, context } = given;
  const userId = requireSession(given).userId;
  const pending = await findPending(app.services.db.query, app, userId);
  if (pending === undefined) throw new Problem(409, { detail: 'Begin again: there is nothing to confirm.' });
  const step = stepOfCode(pending.secret, code, app.clock.now());
  if (step === undefined) throw new Problem(422, { detail: 'The code is wrong.', extensions: { code: 'wrong_code' } }); // protect: Q442
  const codes = await app.services.db.transaction(async (tx) => {
    if (!(await confirmPending(tx, app, userId, pending, step))) throw new Problem(409);
    await endSessionsOf(tx, app, userId, { except: given }); // protect: Q442
    await recordSecurityEvent(tx, app, { type: 'totp.enabled', userId, details: {}, context }); // protect: Q442
    await notify(tx, app, userId, 'enabled'); // protect: Q442
    return replaceRecoveryCodes(tx, userId);
  });
  await renewSession(given, { way: 'totp' });
  return codes;
};
