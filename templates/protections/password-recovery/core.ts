import { sql } from 'kysely';
import type { AppContext } from '#src/context.ts';
import { jobsOf } from '#src/protections/jobs/jobs.ts';
import type { Queries } from '#src/services/db/database.ts';
import { recurringOf } from '#src/services/recurring/recurring.ts';
import { resetMail } from './mail.ts';

const hourMs = 3_600_000;

/** Registers the mail and the tidying up. */
export const installPasswordRecovery = (app: AppContext): void => {
  jobsOf(app).register(resetMail);
  recurringOf(app).every({ name: 'password-recovery.delete-expired', everyMs: hourMs, run: deleteExpired });
};

/** Forgets links that nobody used. */
export const deleteExpired = async (tx: Queries): Promise<void> => {
  await tx.deleteFrom('password_resets').where('expires_at', '<', sql<Date>`now()`).execute();
};
