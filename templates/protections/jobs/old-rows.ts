import type { Transaction } from 'kysely';
import type { AppContext } from '#src/context.ts';
import type { Database } from '#src/schema/tables.ts';
import { jobsOf } from './jobs.ts';

const dayMs = 86_400_000;

/** A version of the app that knows the type may be on its way; after this long none will come. */
const patienceDays = 1;

/** What one run deletes at most: it must end long before the statement timeout. */
const mostRows = 10_000;

/** Deletes finished jobs, and gives up those that no process knows how to do. */
export const deleteOldJobs = async (tx: Transaction<Database>, app: AppContext): Promise<void> => {
  const { JOBS_KEEP_DAYS, JOBS_QUEUE } = app.config;
  const daysAgo = (days: number): Date => new Date(app.clock.now() - days * dayMs);
  const old = tx
    .selectFrom('jobs')
    .select('id')
    .where('queue', '=', JOBS_QUEUE)
    .where((eb) =>
      eb.or([
        eb.and([eb('status', 'in', ['done', 'denied']), eb('finished_at', '<', daysAgo(JOBS_KEEP_DAYS))]),
        eb.and([eb('status', '=', 'dead'), eb('finished_at', '<', daysAgo(4 * JOBS_KEEP_DAYS))]),
      ]),
    )
    .limit(mostRows);
  await tx.deleteFrom('jobs').where('id', 'in', old).execute();
  const { types } = jobsOf(app);
  await tx
    .updateTable('jobs')
    .set({ status: 'dead', failure: 'nobody knows its type', finished_at: new Date(app.clock.now()) })
    .where('queue', '=', JOBS_QUEUE)
    .where('status', '=', 'waiting')
    .where('due_at', '<', daysAgo(patienceDays))
    .$if(types.length > 0, (query) => query.where('type', 'not in', types))
    .execute();
};
