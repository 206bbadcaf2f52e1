import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { loadConfig, processFacts } from '#src/config.ts';
import { bootCheck } from '#src/protections/uploads/boot-check.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { as } from '#tests/support/app.ts';
import { type Received, send } from '#tests/support/http.ts';
import { startWithStorage } from '#tests/support/uploads/app.ts';
import { until } from '#tests/support/uploads/begin.ts';
import { filesOnDisk, rowsOf, storedBytes } from '#tests/support/uploads/disk.ts';
import { FakeClamd, type Manner } from '#tests/support/uploads/fake-clamd.ts';
import { upload } from '#tests/support/uploads/form.ts';
import { eicar, image, plainPdf } from '#tests/support/uploads/payloads.ts';

const clamd = new FakeClamd();
const app = await startWithStorage({ CLAMD_URL: await clamd.start(), CLAMD_TIMEOUT_MS: '2000' });
const { query: db } = app.context.services.db;
const path = '/api/v1/files';

const clean = plainPdf();
const infected = plainPdf(`<< /Title (${eicar.replace('\\', '\\\\')}) >>`, eicar);

const sendPdf = (owner: string, bytes: Uint8Array): Promise<Received> => upload(app, as(owner), { name: 'a.pdf', type: 'application/pdf', bytes });

benign('a clean file is scanned whole, and stored', async () => {
  const owner = randomUUID();
  const answer = await sendPdf(owner, clean);
  assert.equal(answer.status, 201);
  assert.deepEqual(clamd.scanned.at(-1), clean);
  assert.deepEqual(await storedBytes(app, String(answer.json()['id'])), clean);
});

benign('what is scanned is what came, not what becomes of it', async () => {
  const photo = await image('jpeg');
  assert.equal((await upload(app, as(randomUUID()), { name: 'a.jpg', type: 'image/jpeg', bytes: photo })).status, 201);
  assert.deepEqual(clamd.scanned.at(-1), photo);
});

benign('a file of many frames', async () => {
  const large = Buffer.concat([clean, Buffer.alloc(3_000_000, ' ')]);
  assert.equal((await sendPdf(randomUUID(), large)).status, 201);
  assert.deepEqual(clamd.scanned.at(-1), large);
});

attack('Q414', 'an infected file: 422, nothing on disk, a security event', async () => {
  const owner = randomUUID();
  assert.equal((await sendPdf(owner, clean)).status, 201);
  const before = await filesOnDisk(app);
  const refused = await sendPdf(owner, infected);
  assert.equal(refused.status, 422);
  assert.equal(refused.json()['code'], 'infected');
  assert.deepEqual(await filesOnDisk(app), before);
  assert.equal(await rowsOf(app, owner), 1);
  const event = await db.selectFrom('security_events').select(['type', 'details']).where('user_id', '=', owner).executeTakeFirst();
  assert.deepEqual(event, { type: 'upload.infected', details: { signature: 'Eicar-Test-Signature' } });
});

attack('Q414', 'three uploads at once: each gets its own verdict', async () => {
  const owner = randomUUID();
  const answers = await Promise.all([sendPdf(owner, clean), sendPdf(owner, infected), sendPdf(owner, clean)]);
  assert.deepEqual(answers.map(({ status }) => status), [201, 422, 201]);
  assert.equal(await rowsOf(app, owner), 2);
});

/** While the scanner behaves like this, nobody gets a file in. */
const refusedWhile = async (manner: Manner): Promise<void> => {
  const owner = randomUUID();
  const before = await filesOnDisk(app);
  clamd.manner = manner;
  const refused = await sendPdf(owner, clean);
  clamd.manner = 'scan';
  assert.equal(refused.status, 503, manner);
  assert.deepEqual(await filesOnDisk(app), before, manner);
  assert.equal(await rowsOf(app, owner), 0);
  assert.equal((await sendPdf(owner, clean)).status, 201);
};

attack('Q414', 'a scanner that hangs up, talks nonsense, or calls the file too large: 503, and the file is gone', async () => {
  for (const manner of ['hang-up', 'garbage', 'too-large', 'endless', 'refuse-early'] as const) await refusedWhile(manner);
  assert.match(app.log.text, /could not be scanned/);
});

attack('Q414', 'a scanner that says nothing: 503 in time; nobody gets the file meanwhile', async () => {
  const owner = randomUUID();
  clamd.manner = 'hang';
  const answer = sendPdf(owner, clean);
  await until(() => clamd.hanging.length > 0);
  const pending = await db.selectFrom('files').select(['id', 'state']).where('owner_id', '=', owner).executeTakeFirstOrThrow();
  assert.equal(pending.state, 'pending');
  for (const [method, place] of [['GET', path], ['DELETE', path]] as const) {
    assert.equal((await send(app, method, `${place}/${pending.id}`, { headers: as(owner) })).status, 404, method);
  }
  assert.equal((await send(app, 'GET', path, { headers: as(owner) })).text, '{"items":[]}');
  assert.equal((await answer).status, 503);
  clamd.manner = 'scan';
  assert.equal(await rowsOf(app, owner), 0);
});

attack('Q414', 'no scanner where one should be: 503', async () => {
  for (const url of ['tcp://127.0.0.1:1', 'unix:///nonexistent/clamd.ctl']) {
    const alone = await startWithStorage({ CLAMD_URL: url });
    const owner = randomUUID();
    const refused = await upload(alone, as(owner), { name: 'a.pdf', type: 'application/pdf', bytes: clean });
    assert.equal(refused.status, 503);
    assert.deepEqual(await filesOnDisk(alone), []);
    await alone.close();
  }
  assert.equal((await sendPdf(randomUUID(), clean)).status, 201);
});

attack('Q414', 'a scanner or a bucket that files travel to in clear text: the app does not start in production', () => {
  const problemsOf = (given: Readonly<Record<string, string>>, privateHosts = '') =>
    bootCheck({ ...processFacts({ ...loadConfig({}), NODE_ENV: 'production', ...given }), env: { PRIVATE_HOSTS: privateHosts } });
  for (const CLAMD_URL of ['tcp://127.0.0.1:3310', 'tcp://localhost', 'tcp://[::1]:3310', 'unix:///run/clamd.ctl']) assert.deepEqual(problemsOf({ CLAMD_URL }), [], CLAMD_URL);
  assert.deepEqual(problemsOf({ STORAGE_URL: 's3://a:b@s3.example/files' }), []);
  assert.deepEqual(problemsOf({ CLAMD_URL: 'tcp://clamav:3310' }, 'db,clamav'), []);
  for (const given of [{ CLAMD_URL: 'tcp://scanner.example:3310' }, { CLAMD_URL: 'tcp://10.0.0.9:3310' }, { STORAGE_URL: 's3+http://a:b@s3.example/files' }]) {
    assert.equal(problemsOf(given).length, 1, JSON.stringify(given));
  }
});

const realClamd = process.env['TEST_CLAMD_URL'] ?? '';

if (realClamd === '') {
  test('NOT TESTED: a real clamd, since TEST_CLAMD_URL is not set', (t) => {
    t.diagnostic('Set TEST_CLAMD_URL=tcp://127.0.0.1:3310 to send files through a clamd that knows EICAR.');
  });
} else {
  const real = await startWithStorage({ CLAMD_URL: realClamd });
  const sendTo = (owner: string, bytes: Uint8Array) => upload(real, as(owner), { name: 'a.pdf', type: 'application/pdf', bytes });

  benign('a real clamd takes a clean file', async () => {
    assert.equal((await sendTo(randomUUID(), clean)).status, 201);
  });

  attack('Q414', 'what a real clamd finds: 422, nothing on disk', async () => {
    const before = await filesOnDisk(real);
    const refused = await sendTo(randomUUID(), infected);
    assert.equal(refused.status, 422, refused.text);
    assert.equal(refused.json()['code'], 'infected');
    assert.deepEqual(await filesOnDisk(real), before);
  });
}
