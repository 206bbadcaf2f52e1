import assert from 'node:assert/strict';
import { attack } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';
import { FakeBucket } from '#tests/support/storage/fake-bucket.ts';
import { startWithStorage } from '#tests/support/uploads/app.ts';
import { filesOnDisk, rowsOf } from '#tests/support/uploads/disk.ts';
import { somebody, upload } from '#tests/support/uploads/form.ts';
import { plainPdf } from '#tests/support/uploads/payloads.ts';

const report = { name: '../report.pdf', type: 'application/pdf', bytes: plainPdf() };

attack('Q459', 'files in a bucket: under random keys, nothing left on this machine; a bucket that fails leaves nothing behind', async () => {
  const bucket = new FakeBucket();
  const app = await startWithStorage({ STORAGE_URL: await bucket.start() });
  const headers = somebody();
  const answer = await upload(app, headers, report);
  assert.equal(answer.status, 201, answer.text);
  const [stored, ...others] = bucket.objects;
  assert.match(stored?.[0] ?? '', /^[0-9a-f]{32}\/[0-9a-f-]{36}$/);
  assert.deepEqual(stored?.[1], report.bytes);
  assert.equal(others.length, 0);
  assert.deepEqual(await filesOnDisk(app), []);

  bucket.failing = 503;
  assert.equal((await upload(app, headers, report)).status, 500);
  bucket.failing = undefined;
  assert.deepEqual([bucket.objects.size, await rowsOf(app, headers['x-test-actor'] ?? '')], [1, 1]);
  assert.deepEqual(await filesOnDisk(app), []);

  assert.equal((await send(app, 'DELETE', `/api/v1/files/${String(answer.json()['id'])}`, { headers })).status, 204);
  assert.equal(bucket.objects.size, 0);
  await app.close();
});
