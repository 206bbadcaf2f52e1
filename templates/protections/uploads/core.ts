import type { Transaction } from 'kysely';
import type { AppContext } from '#src/context.ts';
import { inForce } from '#src/protections/app-core/in-force.ts';
import type { Database } from '#src/schema/tables.ts';
import { recurringOf } from '#src/services/recurring/recurring.ts';
import { readKey } from '#src/services/storage/key.ts';
import { clearQuarantine } from '#src/services/storage/quarantine.ts';
import { decoderOf } from './images/decoder.ts';

const hourMs = 3_600_000;

/** Far longer than any upload may take, ms. */
const abandonedAfterMs = hourMs;

/** What one run deletes at most. */
const mostRows = 500;

/** Registers the tidying up, and says what is in force. */
export const installUploads = (app: AppContext): void => {
  recurringOf(app).every({ name: 'uploads.delete-abandoned', everyMs: hourMs, run: deleteAbandoned });
  decoderOf(app);
  const { CLAMD_URL, UPLOAD_TYPES } = app.config;
  inForce(app).push(`Uploads: ${UPLOAD_TYPES.join(', ')}; ${CLAMD_URL === undefined ? 'not scanned, since there is no CLAMD_URL' : 'scanned by clamd'}.`);
};

/** Deletes what processes left behind that died while they received or checked a file: rows, stored bytes, quarantine. */
export const deleteAbandoned = async (tx: Transaction<Database>, { services, clock }: Pick<AppContext, 'services' | 'clock'>): Promise<void> => {
  const time = clock.now() - abandonedAfterMs;
  const old = tx.selectFrom('files').select('id').where('state', '=', 'pending').where('created_at', '<', new Date(time)).limit(mostRows);
  const rows = await tx.deleteFrom('files').where('id', 'in', old).returning('storage_key').execute();
  for (const { storage_key } of rows) await services.storage.remove(readKey(storage_key));
  await clearQuarantine(services.storage.quarantine, time);
};
