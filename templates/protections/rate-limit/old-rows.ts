import type { Transaction } from 'kysely';
import type { AppContext } from '#src/context.ts';
import type { Database } from '#src/schema/tables.ts';
import { businessLimits } from './business-limits.ts';
import { keepKeysMs } from './idempotency.ts';

/**
 * Deletes uses whose window is long over and idempotency keys that are free again. Both say nothing any more. A process
 * whose clock is behind may still be in the window before: that one stays.
 */
export const deleteOldUses = async (tx: Transaction<Database>, { clock }: Pick<AppContext, 'clock'>): Promise<void> => {
  const now = clock.now();
  for (const { name, windowMs } of businessLimits.values()) {
    if (windowMs === undefined) continue;
    await tx
      .deleteFrom('business_uses')
      .where('name', '=', name)
      .where('window_start', '<=', String(now - 2 * windowMs))
      .execute();
  }
  await tx.deleteFrom('idempotency_keys').where('created_at', '<', new Date(now - keepKeysMs)).execute();
};
