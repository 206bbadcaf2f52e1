import assert from 'node:assert/strict';
import { once } from 'node:events';
import { attack } from '#tests/support/attack.ts';
import { startWithStorage } from '#tests/support/uploads/app.ts';
import { begin } from '#tests/support/uploads/begin.ts';
import { filesOnDisk, rowsOf } from '#tests/support/uploads/disk.ts';
import { framesOf, somebody, upload } from '#tests/support/uploads/form.ts';
import { peakGrowth } from '#tests/support/uploads/memory.ts';
import { plainPdf } from '#tests/support/uploads/payloads.ts';

const gibibyte = 1_073_741_824;
const mebibyte = 1_048_576;

attack('Q478', 'a body of a gibibyte, let in by its size: streamed in bounded memory, refused for what it is, and gone', async () => {
  const minute = '120000';
  const app = await startWithStorage({ UPLOAD_MAX_BYTES: String(2 * gibibyte), UPLOAD_QUOTA_BYTES: String(4 * gibibyte), UPLOAD_TIMEOUT_MS: minute, REQUEST_TIMEOUT_MS: minute });
  const [headers, file] = [somebody(), { name: 'a.pdf', type: 'application/pdf' }];
  assert.equal((await upload(app, headers, { ...file, bytes: plainPdf() })).status, 201);
  const before = await filesOnDisk(app);
  const zeros = Buffer.alloc(mebibyte);
  let answered = 0;
  const growth = await peakGrowth(async () => {
    const { request, status } = begin(app, headers, file);
    request.write('%PDF-1.7\n');
    for (let sent = 0; sent < gibibyte; sent += zeros.length) if (!request.write(zeros)) await once(request, 'drain');
    request.end(framesOf(file)[1]);
    answered = await status;
  });
  assert.equal(answered, 422);
  assert.ok(growth < 200 * mebibyte, `${Math.round(growth / mebibyte)} MiB`);
  assert.deepEqual(await filesOnDisk(app), before);
  assert.equal(await rowsOf(app, headers['x-test-actor'] ?? ''), 1);
  await app.close();
});
