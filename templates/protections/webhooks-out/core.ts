import type { AppContext } from '#src/context.ts';
import { sealedColumns } from '#src/protections/encryption/sealed-columns.ts';
import { jobsOf } from '#src/protections/jobs/jobs.ts';
import type { Queries } from '#src/services/db/database.ts';
import { recurringOf } from '#src/services/recurring/recurring.ts';
import { attempt } from './attempt.ts';
import { eventTypesOf } from './event.ts';
import { flightsOf } from './flights.ts';
import { secretColumns } from './secrets.ts';

/** Delivers what modules tell of, and lets what is under way arrive before the app closes. */
export const installWebhooksOut = (app: AppContext): void => {
  for (const column of Object.values(secretColumns)) sealedColumns(app).register(column);
  jobsOf(app).register(attempt);
  app.routing.eachModule(({ tells = [] }) => {
    for (const { type } of tells) eventTypesOf(app).add(type);
  });
  app.whenClosing.push(() => flightsOf(app).close());
  recurringOf(app).every({ name: 'webhooks-out.delete-old', everyMs: 3_600_000, run: deleteOldDeliveries });
};

const dayMs = 86_400_000;

/** What one run deletes at most: it must end long before the statement timeout. */
const mostRows = 10_000;

/** Deletes messages that were delivered or given up long ago. */
export const deleteOldDeliveries = async (tx: Queries, { clock, config }: Pick<AppContext, 'clock' | 'config'>): Promise<void> => {
  const before = new Date(clock.now() - config.WEBHOOKS_OUT_KEEP_DAYS * dayMs);
  const old = tx.selectFrom('webhook_deliveries').select('id').where('finished_at', '<', before).limit(mostRows);
  await tx.deleteFrom('webhook_deliveries').where('id', 'in', old).execute();
};
