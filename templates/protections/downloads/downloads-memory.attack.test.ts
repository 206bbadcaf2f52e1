import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { attack } from '#tests/support/attack.ts';
import { as } from '#tests/support/app.ts';
import { store } from '#tests/support/downloads/stored.ts';
import { startWithStorage } from '#tests/support/uploads/app.ts';
import { peakGrowth } from '#tests/support/uploads/memory.ts';

const gibibyte = 1_073_741_824;
const mebibyte = 1_048_576;

attack('Q408', 'a file of a gibibyte: sent as it is read, in bounded memory', async () => {
  const app = await startWithStorage();
  const { query: db } = app.context.services.db;
  const owner = randomUUID();
  const id = await store(app, { owner });
  const { storage_key: key } = await db.selectFrom('files').select('storage_key').where('id', '=', id).executeTakeFirstOrThrow();
  // A hole: it takes no room on the disk.
  await truncate(join(app.context.config.STORAGE_DIR, key), gibibyte);
  await db.updateTable('files').set({ size: gibibyte }).where('id', '=', id).execute();
  let received = 0;
  const growth = await peakGrowth(
    () =>
      new Promise<void>((resolve, reject) => {
        const options = { host: '127.0.0.1', port: app.port, path: `/api/v1/files/${id}/content`, agent: false, headers: { host: 'app.test', ...as(owner) } };
        const asked = httpRequest(options, (answer) => {
          answer.on('data', ({ length }: Buffer) => (received += length));
          answer.on('end', resolve);
          answer.on('error', reject);
        });
        asked.on('error', reject);
        asked.end();
      }),
  );
  assert.equal(received, gibibyte);
  assert.ok(growth < 200 * mebibyte, `${Math.round(growth / mebibyte)} MiB`);
  await app.close();
});
