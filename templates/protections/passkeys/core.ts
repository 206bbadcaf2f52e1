import type { AppContext } from '#src/context.ts';
import { jobsOf } from '#src/protections/jobs/jobs.ts';
import { factorsOf } from '#src/protections/sessions/factors.ts';
import { recurringOf } from '#src/services/recurring/recurring.ts';
import { deleteOldChallenges } from './challenges.ts';
import { passkeyNotice } from './notices.ts';
import { countPasskeys } from './store.ts';

export const installPasskeys = (app: AppContext): void => {
  jobsOf(app).register(passkeyNotice);
  factorsOf(app).credentials.push({ id: 'passkeys', count: countPasskeys });
  recurringOf(app).every({ name: 'passkeys.delete-challenges', everyMs: 3_600_000, run: deleteOldChallenges });
};
