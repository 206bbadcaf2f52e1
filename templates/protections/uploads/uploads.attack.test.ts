import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { deleteAbandoned } from '#src/protections/uploads/core.ts';
import { displayNameOf } from '#src/protections/uploads/display-name.ts';
import { folderStore } from '#src/services/storage/folder.ts';
import { newKey, readKey } from '#src/services/storage/key.ts';
import { createFile } from '#src/services/storage/quarantine.ts';
import { as } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';
import { startWithStorage } from '#tests/support/uploads/app.ts';
import { begin, until } from '#tests/support/uploads/begin.ts';
import { filesOnDisk, rowsOf, storedBytes } from '#tests/support/uploads/disk.ts';
import { formOf, formType, somebody, upload } from '#tests/support/uploads/form.ts';
import { plainPdf } from '#tests/support/uploads/payloads.ts';

const app = await startWithStorage();
const { query: db } = app.context.services.db;
const path = '/api/v1/files';

const report = { name: 'report.pdf', type: 'application/pdf', bytes: plainPdf() };

const scratch = await mkdtemp(join(tmpdir(), 'uploads-'));
after(() => rm(scratch, { recursive: true, force: true }));

benign('a file is uploaded, listed, described and deleted by its owner', async () => {
  const headers = somebody();
  const answer = await upload(app, headers, report);
  assert.equal(answer.status, 201, answer.text);
  const { id, ...described } = answer.json();
  assert.equal(answer.headers.location, `${path}/${String(id)}`);
  assert.deepEqual(described, { name: 'report.pdf', type: 'application/pdf', size: report.bytes.length, createdAt: new Date(app.clock.now()).toISOString() });
  assert.deepEqual(await storedBytes(app, String(id)), report.bytes);
  const list = (await send(app, 'GET', path, { headers })).json();
  assert.deepEqual(list, { items: [{ id, ...described }] });
  const before = await filesOnDisk(app);
  assert.equal((await send(app, 'DELETE', `${path}/${String(id)}`, { headers })).status, 204);
  assert.equal((await send(app, 'GET', `${path}/${String(id)}`, { headers })).status, 404);
  assert.equal((await filesOnDisk(app)).length, before.length - 1);
});

benign('a file that arrives in pieces of a byte is the same file', async () => {
  const headers = somebody();
  const { request, status } = begin(app, headers, report);
  for (const byte of report.bytes) request.write(Buffer.from([byte]));
  request.end('\r\n--boundary-of-the-tests--\r\n');
  assert.equal(await status, 201);
  const [row] = await db.selectFrom('files').select('id').where('owner_id', '=', headers['x-test-actor'] ?? '').execute();
  assert.deepEqual(await storedBytes(app, row?.id ?? ''), report.bytes);
});

attack('G1', 'two users upload report.pdf: two keys, both intact, and neither sees the other', async () => {
  const [alice, bob] = [somebody(), somebody()];
  const other = { ...report, bytes: plainPdf('<< /Title (of bob) >>') };
  const [first, second] = [await upload(app, alice, report), await upload(app, bob, other)];
  const [ofAlice, ofBob] = [String(first.json()['id']), String(second.json()['id'])];
  assert.deepEqual(await storedBytes(app, ofAlice), report.bytes);
  assert.deepEqual(await storedBytes(app, ofBob), other.bytes);
  assert.deepEqual((await send(app, 'GET', path, { headers: alice })).text.includes(ofBob), false);
  assert.equal((await send(app, 'GET', `${path}/${ofAlice}`, { headers: bob })).status, 404);
  assert.equal((await send(app, 'DELETE', `${path}/${ofAlice}`, { headers: bob })).status, 404);
  assert.deepEqual(await storedBytes(app, ofAlice), report.bytes);
});

attack('G1', 'a user of another tenant with the same id: nothing there', async () => {
  const headers = somebody();
  const id = String((await upload(app, headers, report)).json()['id']);
  assert.equal((await send(app, 'GET', `${path}/${id}`, { headers })).status, 200);
  await db.insertInto('files').values({ owner_id: headers['x-test-actor'] ?? '', tenant: 'other', storage_key: newKey({ id: 'x' }), name: 'canary.pdf', type: 'application/pdf', size: 1, state: 'clean', created_at: new Date() }).execute();
  assert.doesNotMatch((await send(app, 'GET', path, { headers })).text, /canary/);
});

attack('G1', 'anonymous: 401 before a byte is read; no file part: 422; a path of the storage: 404', async () => {
  const headers = somebody();
  assert.equal((await upload(app, headers, report)).status, 201);
  const { request, status } = begin(app, {}, report);
  assert.equal(await status, 401);
  request.destroy();
  for (const parts of [[], [{ bytes: 'text' }], [{ field: 'other', ...report }]]) {
    const refused = await upload(app, headers, ...parts);
    assert.ok([413, 422].includes(refused.status), refused.text);
  }
  assert.equal((await upload(app, headers)).status, 422);
  const { storage_key: key } = await db.selectFrom('files').select('storage_key').where('owner_id', '=', headers['x-test-actor'] ?? '').executeTakeFirstOrThrow();
  for (const place of [`/uploads/${key}`, `/files/${key}`, `/data/files/${key}`, `${path}/${key.slice(-36)}`, `/${key}`]) {
    assert.equal((await send(app, 'GET', place, { headers })).status, 404, place);
  }
  assert.equal(await rowsOf(app, headers['x-test-actor'] ?? ''), 1);
});

attack('G1', 'a connection that is cut in the middle: no file, no row, and room again', async () => {
  const headers = somebody();
  const before = await filesOnDisk(app);
  const { request, status } = begin(app, headers, report);
  request.write(report.bytes.subarray(0, 100));
  await until(async () => (await rowsOf(app, headers['x-test-actor'] ?? '')) === 1);
  await until(async () => (await filesOnDisk(app)).length > before.length);
  request.destroy();
  assert.equal(await status, 0);
  await until(async () => (await rowsOf(app, headers['x-test-actor'] ?? '')) === 0);
  assert.deepEqual(await filesOnDisk(app), before);
  assert.equal((await upload(app, headers, report)).status, 201);
});

attack('G1', 'direction marks, line ends and other characters that nobody sees: not in the name', async () => {
  const headers = somebody();
  const nameOf = async (head: string): Promise<unknown> => {
    const body = formOf({ type: 'application/pdf', bytes: report.bytes }).toString('latin1').replace('name="file"', `name="file"; ${head}`);
    const answer = await send(app, 'POST', path, { headers: { 'content-type': formType, ...headers }, body: Buffer.from(body, 'latin1') });
    assert.equal(answer.status, 201, answer.text);
    return answer.json()['name'];
  };
  assert.equal(await nameOf(`filename="plain name.pdf"`), 'plain name.pdf');
  assert.equal(await nameOf(`filename*=UTF-8''r%C3%A9sum%C3%A9.pdf`), 'résumé.pdf');
  assert.equal(await nameOf(`filename*=UTF-8''re%CC%81sume%CC%81.pdf`), 'résumé.pdf');
  assert.equal(await nameOf(`filename*=UTF-8''gpj.%E2%80%AEfdp.pdf`), 'gpj.fdp.pdf');
  assert.equal(displayNameOf('a\r\nSet-Cookie: x=1.pdf'), 'aSet-Cookie: x=1.pdf');
  assert.equal(await nameOf(`filename*=UTF-8''a%00%E2%80%8B%C2%85%EF%BB%BF.pdf`), 'a.pdf');
  assert.ok(Buffer.byteLength(displayNameOf(`${'é'.repeat(3000)}.pdf`)) <= 255);
  assert.ok(displayNameOf(`${'😀'.repeat(3000)}.pdf`).endsWith('😀.pdf'));
});

attack('Q459', 'names that are paths: stored under a random key, and nothing else changes on disk', async () => {
  const headers = somebody();
  const root = dirname(app.context.config.STORAGE_DIR);
  const names = ['../../etc/passwd.pdf', '..\\\\..\\\\windows\\\\x.pdf', '/abs/x.pdf', 'C:\\\\x.pdf', '%2e%2e%2fx.pdf', 'a\0.pdf', '....//x.pdf', `${'x'.repeat(4000)}.pdf`, './.pdf.pdf', 'nul.pdf'];
  for (const name of names) {
    const before = [await readdir(root), await filesOnDisk(app)] as const;
    const answer = await upload(app, headers, { ...report, name });
    assert.equal(answer.status, 201, `${name}: ${answer.text}`);
    const { id, name: shown } = answer.json();
    assert.doesNotMatch(String(shown), /[/\\\0]/);
    const { storage_key: key } = await db.selectFrom('files').select('storage_key').where('id', '=', String(id)).executeTakeFirstOrThrow();
    assert.deepEqual(await filesOnDisk(app), [...before[1], key].toSorted());
    assert.deepEqual(await readdir(root), before[0]);
  }
  for (const name of ['.htaccess', '../../.env', 'pdf', 'x.', 'web.config']) {
    const before = await filesOnDisk(app);
    assert.equal((await upload(app, headers, { ...report, name })).status, 422, name);
    assert.deepEqual(await filesOnDisk(app), before);
  }
});

attack('Q459', 'files of others on this machine cannot read what waits and what is stored', async () => {
  const answer = await upload(app, somebody(), report);
  const { storage_key: key } = await db.selectFrom('files').select('storage_key').where('id', '=', String(answer.json()['id'])).executeTakeFirstOrThrow();
  assert.equal((await stat(join(app.context.config.STORAGE_DIR, key))).mode & 0o777, 0o600);
  assert.equal((await stat(app.context.services.storage.quarantine)).mode & 0o777, 0o700);
});

attack('Q459', 'a place that is taken, also by a link that leads nowhere: not written to', async () => {
  const free = join(scratch, randomUUID());
  await (await createFile(free)).close();
  const link = join(scratch, randomUUID());
  await symlink(join(scratch, 'target'), link);
  for (const taken of [free, link]) await assert.rejects(createFile(taken), { code: 'EEXIST' });
  await assert.rejects(stat(join(scratch, 'target')));
});

attack('Q459', 'a key that exists: what is there stays, and the new file waits', async () => {
  const store = folderStore(scratch);
  const key = newKey({ id: 'somebody' });
  const [first, second] = [join(scratch, 'first'), join(scratch, 'second')];
  await writeFile(first, 'first');
  await writeFile(second, 'second');
  await store.adopt(key, first);
  await assert.rejects(store.adopt(key, second), { code: 'EEXIST' });
  assert.equal(await readFile(join(scratch, key), 'utf8'), 'first');
});

attack('Q459', 'the folder of a user, replaced by a link: nothing is written, read or deleted behind it', async () => {
  const store = folderStore(scratch);
  const [key, elsewhere] = [newKey({ id: 'honest' }), join(scratch, 'elsewhere')];
  const file = join(scratch, 'new');
  await writeFile(file, 'new');
  await store.adopt(key, file);
  const linked = newKey({ id: 'linked' });
  await mkdir(elsewhere);
  await symlink(elsewhere, join(scratch, dirname(linked)));
  await writeFile(file, 'new');
  await assert.rejects(store.adopt(linked, file), /leads out/);
  assert.deepEqual(await readdir(elsewhere), []);
  await writeFile(join(elsewhere, linked.slice(33)), 'canary');
  const read = async (): Promise<void> => {
    for await (const piece of store.read(linked)) assert.fail(String(piece));
  };
  await assert.rejects(read(), /leads out/);
  await assert.rejects(store.remove(linked), /leads out/);
  assert.equal((await readdir(elsewhere)).length, 1);
});

attack('B3', 'a key that is a path: not a key', async () => {
  const key = newKey({ id: '1' });
  assert.equal(readKey(key), key);
  assert.notEqual(dirname(newKey({ id: '1' })), dirname(newKey({ id: '10' })));
  assert.notEqual(dirname(newKey({ id: '1' })), dirname(newKey({ id: '1', tenant: 'a' })));
  const file = key.slice(33);
  for (const bad of ['../x', `../10/${file}`, `/${key}`, `${key}/..`, `${key}\0`, `${key}\n`, `${key.slice(0, 33)}../${file}`, '', `quarantine/${file}`, key.replace('/', '\\'), key.toUpperCase()]) {
    assert.throws(() => readKey(bad), /no key/, bad);
  }
});

attack('B3', 'a row whose key was changed to a path: nothing is deleted by it', async () => {
  const headers = somebody();
  const id = String((await upload(app, headers, report)).json()['id']);
  const canary = join(app.context.config.STORAGE_DIR, '..', `${randomUUID()}.canary`);
  await writeFile(canary, 'canary');
  await db.insertInto('files').values({ owner_id: headers['x-test-actor'] ?? '', tenant: null, storage_key: `../${canary.slice(canary.lastIndexOf('/') + 1)}`, name: 'x.pdf', type: 'application/pdf', size: 1, state: 'clean', created_at: new Date(0) }).execute();
  const forged = await db.selectFrom('files').select('id').where('owner_id', '=', headers['x-test-actor'] ?? '').where('id', '<>', id).executeTakeFirstOrThrow();
  assert.equal((await send(app, 'DELETE', `${path}/${forged.id}`, { headers })).status, 404);
  const [event] = await db.selectFrom('security_events').select('details').where('type', '=', 'file.forged-key').orderBy('id', 'desc').limit(1).execute();
  assert.deepEqual(event?.details, { fileId: forged.id });
  assert.equal(await readFile(canary, 'utf8'), 'canary');
  await rm(canary);
  await db.deleteFrom('files').where('id', '=', forged.id).execute();
});

attack('B3', 'paths of static files, with dots in every spelling: 404, and no list of anything', async () => {
  assert.equal((await send(app, 'GET', '/healthz')).status, 200);
  const paths = ['/static/../package.json', '/static/%2e%2e/package.json', '/static/..%5cpackage.json', '//etc/passwd', '/static/.env', '/static/.git/config', '/static/', '/uploads/', '/files/', '/app.js.map', '/src/server.ts'];
  for (const place of [...paths, '/data/files/quarantine/']) {
    const { status, text } = await send(app, 'GET', place);
    assert.ok(status === 404 || status === 400, `${place}: ${status}`);
    assert.doesNotMatch(text, /"dependencies"|root:|index of/i);
  }
});

attack('Q459', 'one file more than the quota, and one byte more: 409, and what was refused takes no room', async () => {
  const few = await startWithStorage({ UPLOAD_QUOTA_FILES: '2', UPLOAD_QUOTA_BYTES: '100000', UPLOAD_MAX_BYTES: '90000' });
  const [headers, other] = [somebody(), somebody()];
  const id = String((await upload(few, headers, report)).json()['id']);
  assert.equal((await upload(few, headers, { ...report, bytes: 'broken' })).status, 415);
  assert.equal((await upload(few, headers, report)).status, 201);
  const refused = await upload(few, headers, report);
  assert.equal(refused.status, 409);
  assert.equal(refused.json()['of'], 'files');
  assert.equal((await filesOnDisk(few)).length, 2);
  assert.equal((await upload(few, other, report)).status, 201);
  assert.equal((await send(few, 'DELETE', `${path}/${id}`, { headers })).status, 204);
  assert.equal((await upload(few, headers, report)).status, 201);

  const large = { ...report, bytes: plainPdf(`<< /Title (${'x'.repeat(80_000)}) >>`) };
  const heavy = somebody();
  assert.equal((await upload(few, heavy, large)).status, 201);
  const over = await upload(few, heavy, large);
  assert.equal(over.status, 409);
  assert.equal(over.json()['of'], 'bytes');
  await few.close();
});

attack('Q459', 'many uploads at once, with room for one: one is taken', async () => {
  const few = await startWithStorage({ UPLOAD_QUOTA_FILES: '1' });
  const headers = somebody();
  const answers = await Promise.all(Array.from({ length: 8 }, () => upload(few, headers, report)));
  assert.deepEqual(answers.map(({ status }) => status).toSorted((a, b) => a - b), [201, 409, 409, 409, 409, 409, 409, 409]);
  assert.equal((await filesOnDisk(few)).length, 1);
  await few.close();
});

attack('Q459', 'a process that died while it received a file: what it left is deleted, what others receive is not', async () => {
  const { storage, db: database } = app.context.services;
  const owner = randomUUID();
  const leave = async (ageMs: number): Promise<string> => {
    const time = app.clock.now() - ageMs;
    const key = newKey({ id: owner });
    await db.insertInto('files').values({ owner_id: owner, tenant: null, storage_key: key, name: '', type: '', size: 1, state: 'pending', created_at: new Date(time) }).execute();
    const waiting = join(storage.quarantine, `${time}-${randomUUID()}`);
    await writeFile(waiting, 'left');
    await storage.adopt(key, waiting);
    await writeFile(waiting, 'left');
    return waiting;
  };
  const [old, fresh] = [await leave(2 * 3_600_000), await leave(60_000)];
  await database.transaction((tx) => deleteAbandoned(tx, app.context));
  await assert.rejects(stat(old));
  assert.ok(await stat(fresh));
  assert.equal(await rowsOf(app, owner), 1);
  assert.equal((await filesOnDisk(app)).filter((file) => file.startsWith(dirname(newKey({ id: owner })))).length, 1);
  assert.equal((await send(app, 'GET', path, { headers: as(owner) })).text, '{"items":[]}');
});
