import { sql } from 'kysely';
import type { AppContext } from '#src/context.ts';
import { jobsOf } from '#src/protections/jobs/jobs.ts';
import type { Queries } from '#src/services/db/database.ts';
import { recurringOf } from '#src/services/recurring/recurring.ts';
import { mailJobs } from './mails.ts';

const hourMs = 3_600_000;

/** Registers the mails and the tidying up. */
export const installAccounts = (app: AppContext): void => {
  jobsOf(app).register(...mailJobs);
  recurringOf(app).every({ name: 'accounts.delete-expired', everyMs: hourMs, run: deleteExpired });
};

/** Forgets who signed up or was invited, and did not come back. */
export const deleteExpired = async (tx: Queries): Promise<void> => {
  await tx.deleteFrom('registrations').where('expires_at', '<', sql<Date>`now()`).execute();
  await tx.deleteFrom('invitations').where('expires_at', '<', sql<Date>`now()`).execute();
};
