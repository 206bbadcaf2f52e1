import type { AppContext } from '#src/context.ts';
import { sealedColumns } from '#src/protections/encryption/sealed-columns.ts';
import { jobsOf } from '#src/protections/jobs/jobs.ts';
import { factorsOf } from '#src/protections/sessions/factors.ts';
import type { Queries } from '#src/services/db/database.ts';
import { recurringOf } from '#src/services/recurring/recurring.ts';
import { totpNotice } from './notices.ts';
import { confirmedSince, deleteAbandoned, secretColumn } from './secrets.ts';

/** From here on a sign-in asks those for a code who have confirmed a secret. */
export const installTotp = (app: AppContext): void => {
  sealedColumns(app).register(secretColumn);
  jobsOf(app).register(totpNotice);
  const isEnrolled = async (db: Queries, userId: string): Promise<boolean> => (await confirmedSince(db, userId)) !== undefined;
  factorsOf(app).secondFactors.push({ id: 'totp', isEnrolled }); // protect: Q442
  recurringOf(app).every({ name: 'totp.delete-abandoned', everyMs: 3_600_000, run: deleteAbandoned });
};
