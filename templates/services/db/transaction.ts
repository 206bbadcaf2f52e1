import type { Transaction } from 'kysely';
import type { AppContext } from '#src/context.ts';
import type { EventBatch } from '#src/protections/app-core/events.ts';
import type { Database } from '#src/schema/tables.ts';

/**
 * Runs `work` in a transaction and announces its events after the commit; a rollback announces nothing (G5).
 * Security effects do not belong into `events`: write them with `tx`, so that they share the fate of the work.
 */
export const inTransaction = async <T>(
  { services, events }: Pick<AppContext, 'services' | 'events'>,
  work: (tx: Transaction<Database>, events: EventBatch) => Promise<T>,
): Promise<T> => {
  const batch = events.batch();
  const result = await services.db.transaction((tx) => work(tx, batch));
  batch.deliver();
  return result;
};
