import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { type AttemptRule, takeAttempt } from '#src/protections/sessions/attempts.ts';

/** Mails that one address may be sent for one reason: five, then one an hour. */
const mailRule: AttemptRule = { free: 5, firstDelaySeconds: 3600, longestDelaySeconds: 3600, forgetAfterSeconds: 3600 };

/**
 * Whether another mail may go to an address that somebody typed. The answer to the request must not depend on it: whoever asks
 * learns nothing, and the owner of the mailbox is not flooded (CWE-799).
 */
export const mayMail = async (app: AppContext, reason: string, address: string): Promise<boolean> => {
  try {
    await takeAttempt(app, app.services.db.query, `mail:${reason}:${address}`, mailRule);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 429) return false;
    throw error;
  }
};
