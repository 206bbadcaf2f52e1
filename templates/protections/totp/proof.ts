import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { type AttemptRule, forgetAttempts, takeAttempt } from '#src/protections/sessions/attempts.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { requireSession } from '#src/protections/sessions/own-sessions.ts';
import { completeSecondFactor, renewSession } from '#src/protections/sessions/sign-in.ts';
import { stepOfCode } from './code.ts';
import { notify, warnOfGuessing } from './notices.ts';
import { countRecoveryCodes, spendRecoveryCode } from './recovery-codes.ts';
import { findConfirmed, spendStep } from './secrets.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'totp.refused': { readonly proof: 'code' | 'recovery-code' };
    'totp.recovery-code-used': { readonly left: number };
  }
}

/** Three of a million codes are right at any time: this admits about thirty guesses a day to whoever knows the password. */
const rule: AttemptRule = { free: 5, firstDelaySeconds: 60, longestDelaySeconds: 3600, forgetAfterSeconds: 86_400 };

/** Whether the proof is right; it is used up when it is. */
type Judge = (given: Given, userId: string) => Promise<boolean>;

/**
 * Counts a try, then judges it.
 * @throws Problem 429 after too many tries, 401 for a wrong proof.
 */
const assertProof = async (given: Given, proof: 'code' | 'recovery-code', judge: Judge): Promise<void> => {
  const { app, context } = given;
  const db = app.services.db.query;
  const { userId } = requireSession(given);
  // Codes and recovery codes are counted apart: whoever guesses at one must not keep the owner from the other.
  const subject = `totp:${proof}:${userId}`;
  await countTry(app, subject, userId); // protect: Q442
  if (await judge(given, userId)) return forgetAttempts(db, subject);
  await recordSecurityEvent(db, app, { type: 'totp.refused', userId, details: { proof }, context }); // protect: Q442
  throw new Problem(401, { detail: 'The code is wrong.', extensions: { code: 'wrong_code' } });
};

const countTry = async (app: AppContext, subject: string, userId: string): Promise<void> => {
  try {
    await takeAttempt(app, app.services.db.query, subject, rule);
  } catch (error) {
    if (error instanceof Problem && error.status === 429) await warnOfGuessing(app, userId); // protect: Q442
    throw error;
  }
};

const isRightCode =
  (code: string): Judge =>
  async ({ app }, userId) => {
    const db = app.services.db.query;
    const known = await findConfirmed(db, app, userId);
    if (known === undefined) return false;
    const step = stepOfCode(known.secret, code, app.clock.now());
    return step !== undefined && (await spendStep(db, known.id, step));
  };

const isRightRecoveryCode =
  (code: string): Judge =>
  async ({ app, context }, userId) =>
    app.services.db.transaction(async (tx) => {
      if (!(await spendRecoveryCode(tx, userId, code, new Date(app.clock.now())))) return false;
      const left = await countRecoveryCodes(tx, userId);
      await recordSecurityEvent(tx, app, { type: 'totp.recovery-code-used', userId, details: { left }, context }); // protect: Q442
      await notify(tx, app, userId, 'recovery-code-used'); // protect: Q442
      return true;
    });

/**
 * Ends a sign-in that waits for the second factor.
 * @throws Problem 401 for a wrong code and for one that was used; 429 after too many tries.
 */
export const verifyTotp = async (given: Given, code: string): Promise<void> => {
  await assertProof(given, 'code', isRightCode(code));
  await completeSecondFactor(given, { way: 'totp' });
};

/**
 * Ends a sign-in that waits for the second factor with one of the ten codes for the day the phone is gone. Each works once.
 * @throws Problem 401, 429.
 */
export const useRecoveryCode = async (given: Given, code: string): Promise<void> => {
  await assertProof(given, 'recovery-code', isRightRecoveryCode(code));
  await completeSecondFactor(given, { way: 'recovery-code' });
};

/**
 * Proves again who uses the session.
 * @throws Problem 401, 429.
 */
export const stepUpWithTotp = async (given: Given, code: string): Promise<void> => {
  await assertProof(given, 'code', isRightCode(code));
  await renewSession(given, { way: 'totp' });
};
