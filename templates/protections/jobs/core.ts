import type { AppContext } from '#src/context.ts';
import { recurringOf } from '#src/services/recurring/recurring.ts';
import { jobsOf } from './jobs.ts';
import { deleteOldJobs } from './old-rows.ts';
import { Worker } from './worker.ts';

/** Runs jobs as soon as the app serves, and until it closes. */
export const installJobs = (app: AppContext): void => {
  app.routing.eachModule(({ jobs = [] }) => jobsOf(app).register(...jobs));
  const worker = new Worker(app);
  app.events.on('app.started', () => worker.start());
  app.whenClosing.push(() => worker.stop());
  recurringOf(app).every({ name: 'jobs.delete-old', everyMs: 3_600_000, run: deleteOldJobs });
};
