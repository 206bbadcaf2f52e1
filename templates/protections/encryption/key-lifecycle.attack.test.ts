import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { mock } from 'node:test';
import { sql } from 'kysely';
import { ConfigError } from '#src/config.ts';
import { KeyInUseError, destroyKey } from '#src/protections/encryption/destroy.ts';
import { importLegacyKey } from '#src/protections/encryption/legacy/import-key.ts';
import { reencrypt } from '#src/protections/encryption/reencrypt.ts';
import { rewrapRing } from '#src/protections/encryption/rewrap.ts';
import { rotateKey } from '#src/protections/encryption/rotate.ts';
import { CannotOpen, keyOf, open, seal } from '#src/protections/encryption/seal.ts';
import { type AsOwner, asOwner } from '#src/services/db/owner.ts';
import { readKeyFile } from '#src/services/keys/key-file.ts';
import { localMasterKey } from '#src/services/keys/master-key.ts';
import { type RingRow, boundTo, newRingRow } from '#src/services/keys/ring-key.ts';
import { Keys, settleMs } from '#src/services/keys/ring.ts';
import { readSigningKey } from '#src/services/keys/signing.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { emptyRing, placeOf, readNote, startProcess, writeNote } from '#tests/support/encryption/ring.ts';

const app = await startApp({ env: { DATABASE_POOL_SIZE: '1' } });
const { clock } = app;
const { query } = app.context.services.db;
/** The tests own the rings that they make. */
const onRing: AsOwner = (work) => app.context.services.db.transaction(work);
const dayMs = 24 * 60 * 60_000;

/** A ring of its own, and the first process that uses it. */
const begin = async () => {
  await emptyRing(app);
  const server = await startProcess(app);
  clock.advance(1000);
  return server;
};
type Process = Awaited<ReturnType<typeof startProcess>>;

const opens = (process: Process, id: string, envelope: string): string => open(process, placeOf(id), envelope).toString();
const sealedNote = (process: Process, text: string): Promise<string> => writeNote(process, (id) => ({ secret: seal(process, placeOf(id), text) }));
const noteText = async (process: Process, id: string): Promise<string> => opens(process, id, (await readNote(process, id)).secret ?? '');

benign('a new key is used when every process has had time to see it; the one before it opens what it sealed', async () => {
  const server = await begin();
  const before = seal(server, placeOf('1'), 'before');
  const kid = await rotateKey(server, 'sealing');
  clock.advance(settleMs);
  const behind = seal(server, placeOf('1'), 'behind');
  assert.equal(keyOf(behind), kid);
  assert.deepEqual([opens(server, '1', before), opens(server, '1', behind)], ['before', 'behind']);
  const { rows } = await sql<{ type: string }>`select type from security_events where details->>'kid' = ${kid}`.execute(query);
  assert.deepEqual(rows, [{ type: 'key.rotated' }]);
});

benign('values are sealed anew, the old key is destroyed, everything opens', async () => {
  const server = await begin();
  const ids = [await sealedNote(server, 'one'), await sealedNote(server, 'two')];
  const [old] = server.services.keys.list().filter(({ purpose }) => purpose === 'sealing');
  await rotateKey(server, 'sealing');
  clock.advance(settleMs + dayMs);
  assert.deepEqual(await reencrypt(server), { done: 2, failed: [] });
  assert.deepEqual(await reencrypt(server), { done: 0, failed: [] });
  await destroyKey(server, onRing, old?.kid ?? '');
  const restarted = await startProcess(app);
  assert.deepEqual([await noteText(restarted, ids[0] ?? ''), await noteText(restarted, ids[1] ?? '')], ['one', 'two']);
});

benign('an old key is told in time', async () => {
  const server = await begin();
  assert.deepEqual(await server.services.keys.advice(), []);
  clock.advance(0.95 * server.config.KEY_MAX_AGE_DAYS * dayMs);
  assert.match((await server.services.keys.advice()).join(), /sealing is near the end of its life/);
  await rotateKey(server, 'sealing');
  assert.deepEqual(await server.services.keys.advice(), []);
});

benign('what is signed verifies by the published key, for each kind of key', async () => {
  const server = await begin();
  for (const algorithm of ['EdDSA', 'ES256', 'PS256']) {
    await rotateKey(server, 'signing', { algorithm });
    clock.advance(settleMs);
    const { kid, key, algorithm: used } = server.services.keys.signingKey();
    assert.equal(used, algorithm);
    const jwk = server.services.keys.jwks().keys.find((published) => published.kid === kid) ?? assert.fail();
    const digest = algorithm === 'EdDSA' ? undefined : 'sha256';
    const text = Buffer.from('signed');
    assert.ok(verify(digest, text, createPublicKey({ key: jwk, format: 'jwk' }), sign(digest, text, key)));
  }
});

attack('Q481', 'seven rotations and a restart: every generation opens, and the ids of keys stay', async () => {
  const server = await begin();
  const generations: string[] = [];
  const kids: string[] = [];
  for (let generation = 0; generation < 8; generation += 1) {
    generations.push(seal(server, placeOf('1'), `generation ${generation}`));
    kids.push(keyOf(generations.at(-1) ?? '') ?? '');
    if (generation < 7) await rotateKey(server, 'sealing');
    clock.advance(settleMs);
  }
  assert.equal(new Set(kids).size, 8);
  const restarted = await startProcess(app);
  for (const process of [server, restarted]) {
    assert.deepEqual(generations.map((envelope) => opens(process, '1', envelope)), generations.map((_, index) => `generation ${index}`));
  }
  const states = restarted.services.keys.list().filter(({ purpose }) => purpose === 'sealing');
  assert.deepEqual(states.map(({ kid }) => kid).toSorted(), kids.toSorted());
  assert.deepEqual(states.filter(({ state }) => state === 'active').map(({ kid }) => kid), kids.slice(-1));
});

attack('Q481', 'a process that has not heard of a rotation yet turns no honest request away', async () => {
  const server = await begin();
  const slow = await startProcess(app);
  const before = server.services.keys.sealingKey('x').kid;
  await rotateKey(server, 'sealing');
  assert.equal(server.services.keys.sealingKey('x').kid, before);
  assert.equal(opens(slow, '1', seal(server, placeOf('1'), 'at once')), 'at once');
  await slow.services.keys.refresh();
  clock.advance(settleMs);
  assert.equal(opens(slow, '1', seal(server, placeOf('1'), 'later')), 'later');
  assert.equal(opens(server, '1', seal(slow, placeOf('1'), 'back')), 'back');
});

attack('Q481', 'a process that missed a rotation reads the ring as soon as it meets the new key', async () => {
  const server = await begin();
  const deaf = await startProcess(app);
  await rotateKey(server, 'sealing');
  clock.advance(settleMs);
  const envelope = seal(server, placeOf('1'), 'new');
  assert.throws(() => opens(deaf, '1', envelope), CannotOpen);
  // It reads already; closing waits for that.
  await deaf.services.keys.close();
  assert.equal(opens(deaf, '1', envelope), 'new');
});

attack('Q481', 'rotations and first starts at the same time: one key for each purpose', async () => {
  const server = await begin();
  await sql`delete from key_ring`.execute(query);
  const [first, second] = await Promise.all([startProcess(app), startProcess(app)]);
  assert.equal(opens(second, '1', seal(first, placeOf('1'), 'shared')), 'shared');
  assert.deepEqual(first.services.keys.hmacKey('x'), second.services.keys.hmacKey('x'));
  const outcomes = await Promise.allSettled([rotateKey(first, 'sealing'), rotateKey(second, 'sealing')]);
  assert.ok(outcomes.some(({ status }) => status === 'fulfilled'));
  const { rows } = await sql<{ purpose: string }>`select purpose from key_ring where state = 'active' order by 1`.execute(query);
  assert.deepEqual(rows, [{ purpose: 'deriving' }, { purpose: 'sealing' }]);
  assert.ok(server.services.keys.list().length > 0);
});

attack('Q481', 'a key in use is not destroyed; one destroyed by force opens nothing any more', async () => {
  const server = await begin();
  const other = await startProcess(app);
  const id = await sealedNote(server, 'precious');
  const kid = keyOf((await readNote(server, id)).secret ?? '') ?? '';
  await assert.rejects(destroyKey(server, onRing, kid, true), KeyInUseError, 'active');
  await rotateKey(server, 'sealing');
  clock.advance(settleMs + dayMs);
  await assert.rejects(destroyKey(server, onRing, kid), /sealed 1 values/);
  assert.equal(await noteText(server, id), 'precious');
  await destroyKey(server, onRing, kid, true);
  await other.services.keys.refresh();
  const restarted = await startProcess(app);
  for (const process of [server, other, restarted]) await assert.rejects(noteText(process, id), CannotOpen);
  assert.equal(opens(restarted, '1', seal(server, placeOf('1'), 'others live')), 'others live');
  const { rows } = await sql<{ wrapped: string | null }>`select wrapped from key_ring where kid = ${kid}`.execute(query);
  assert.deepEqual(rows, [{ wrapped: null }]);
});

attack('Q481', 'a key that a process may still seal with is not destroyed, nor one that does not exist', async () => {
  const server = await begin();
  const kid = server.services.keys.current('sealing').kid;
  await rotateKey(server, 'sealing');
  await assert.rejects(destroyKey(server, onRing, kid), /less than a day/);
  clock.advance(settleMs + dayMs - 1);
  await assert.rejects(destroyKey(server, onRing, kid), /less than a day/);
  await assert.rejects(destroyKey(server, onRing, '0000000000000000'), KeyInUseError);
  clock.advance(1);
  await destroyKey(server, onRing, kid);
  assert.equal(server.services.keys.list().find((key) => key.kid === kid)?.state, 'destroyed');
});

attack('Q481', 'a value that changes while it is sealed anew stays as it was written last', async () => {
  const server = await begin();
  const { keys } = server.services;
  const ids = [await sealedNote(server, 'untouched'), await sealedNote(server, 'before')];
  await rotateKey(server, 'sealing');
  clock.advance(settleMs);
  const late = seal(server, placeOf(ids[1] ?? ''), 'written meanwhile');
  const sealingKey = keys.sealingKey.bind(keys);
  const writes: Promise<unknown>[] = [];
  // Between the moment when a row is read and the one when it is written somebody else writes it.
  mock.method(keys, 'sealingKey', (purpose: string) => {
    if (writes.length === 0) writes.push(sql`update notes set secret = ${late} where id = ${ids[1]}`.execute(query));
    return sealingKey(purpose);
  });
  assert.deepEqual(await reencrypt(server), { done: 1, failed: [] });
  await Promise.all(writes);
  assert.deepEqual([await noteText(server, ids[0] ?? ''), await noteText(server, ids[1] ?? '')], ['untouched', 'written meanwhile']);
});

attack('Q481', 'a ring with two active keys, a key twice, or one that was changed: no start', async () => {
  const file = readKeyFile(app.context.config.MASTER_KEY_FILE, process.getuid?.());
  assert.ok(file !== 'absent' && 'content' in file);
  const master = localMasterKey(file.content);
  const now = clock.now();
  const foreign = { kid: 'aaaaaaaaaaaaaaaa', purpose: 'sealing', algorithm: 'aes-256-cbc' };
  const wrapped = await master.wrap(randomBytes(32), boundTo(foreign));
  const added: readonly RingRow[] = [
    await newRingRow(master, { purpose: 'sealing', now }),
    { ...foreign, state: 'decrypt-only', created_at: new Date(now), active_from: new Date(now), wrapped },
  ];
  const changes = [
    ...added.map((row) => () => query.insertInto('key_ring').values(row).execute()),
    () => sql`insert into key_ring select kid, purpose, algorithm, 'decrypt-only', created_at, active_from, wrapped from key_ring where purpose = 'sealing'`.execute(query),
    () => sql`update key_ring set algorithm = 'A128CBC' where purpose = 'sealing'`.execute(query),
    () => sql`update key_ring set purpose = 'legacy', algorithm = 'fernet' where purpose = 'sealing'`.execute(query),
    () => sql`update key_ring set kid = 'aaaaaaaaaaaaaaaa' where purpose = 'sealing'`.execute(query),
    () => sql`update key_ring set wrapped = (select wrapped from key_ring where purpose = 'deriving')`.execute(query),
  ];
  for (const [index, change] of changes.entries()) {
    await begin();
    // The table of the app refuses most of this itself; this one has no constraints.
    await sql`create temporary table loose as select * from key_ring`.execute(query);
    await sql`drop table pg_temp.key_ring`.execute(query);
    await sql`alter table loose rename to key_ring`.execute(query);
    await startProcess(app);
    await change();
    await assert.rejects(startProcess(app), ConfigError, String(index));
  }
});

benign('the owner of the schema can destroy a key, on the table that all processes share', async () => {
  await sql`drop table if exists pg_temp.key_ring`.execute(query);
  const server = await startProcess(app);
  const kid = await importLegacyKey(server, 'fernet', randomBytes(32).toString('base64'));
  const owner = { ...server.config, MIGRATION_DATABASE_URL: process.env['TEST_OWNER_DATABASE_URL'] };
  await destroyKey(server, (work) => asOwner(owner, server.services.db, work), kid, true);
  assert.equal(server.services.keys.list().find((key) => key.kid === kid)?.state, 'destroyed');
});

attack('Q481', 'a value for a column that rotation would not find', async () => {
  const server = await begin();
  assert.equal(opens(server, '1', seal(server, placeOf('1'), 'secret')), 'secret');
  assert.throws(() => seal(server, { ...placeOf('1'), column: 'unknown' }, 'secret'), /sealedColumns\(context\)\.register/);
});

attack('Q481', 'the database keeps two active keys apart, and the app can neither change nor destroy a key', async () => {
  await sql`drop table if exists pg_temp.key_ring`.execute(query);
  const server = await startProcess(app);
  const kid = server.services.keys.current('sealing').kid;
  const row = await server.services.keys.newRow({ purpose: 'sealing', now: clock.now() });
  await assert.rejects(query.insertInto('key_ring').values(row).execute(), { code: '23505' });
  const denied = { code: '42501' };
  await assert.rejects(sql`delete from key_ring where kid = ${kid}`.execute(query), denied);
  await assert.rejects(sql`update key_ring set wrapped = null where kid = ${kid}`.execute(query), denied);
  await assert.rejects(sql`update key_ring set algorithm = 'none' where kid = ${kid}`.execute(query), denied);
  await assert.rejects(sql`truncate key_ring`.execute(query), denied);
});

attack('Q481', 'published keys: those before and behind a rotation, and nothing of the private half', async () => {
  const server = await begin();
  await server.services.keys.ensure('signing');
  const first = server.services.keys.signingKey();
  const second = await rotateKey(server, 'signing', { algorithm: 'ES256' });
  assert.equal(server.services.keys.signingKey().kid, first.kid, 'those who verify have time to fetch the new one');
  assert.deepEqual(server.services.keys.jwks().keys.map(({ kid }) => kid).toSorted(), [first.kid, second].toSorted());
  clock.advance(settleMs);
  assert.equal(server.services.keys.signingKey().kid, second);
  const third = await rotateKey(server, 'signing', { algorithm: 'PS256' });
  const { keys } = server.services.keys.jwks();
  assert.deepEqual(keys.map(({ kid }) => kid).toSorted(), [first.kid, second, third].toSorted());
  for (const key of keys) {
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) assert.equal(member in key, false, `${key.alg} ${member}`);
  }
});

attack('Q481', 'RSA of 2048 bits, a small curve: neither imported nor loaded', async () => {
  const pem = (type: 'rsa' | 'ec', options: { modulusLength: number; namedCurve: string }): string => {
    const { privateKey } = type === 'rsa' ? generateKeyPairSync('rsa', options) : generateKeyPairSync('ec', options);
    return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  };
  const rsa = (modulusLength: number): string => pem('rsa', { modulusLength, namedCurve: '' });
  const curve = (namedCurve: string): string => pem('ec', { modulusLength: 0, namedCurve });
  assert.equal(readSigningKey(rsa(3072)).algorithm, 'PS256');
  assert.equal(readSigningKey(curve('P-256')).algorithm, 'ES256');
  for (const weak of [rsa(2048), rsa(1024), curve('secp256k1'), curve('P-224')]) assert.throws(() => readSigningKey(weak), RangeError);
  const server = await begin();
  await server.services.keys.ensure('signing');
  await startProcess(app);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' });
  await sql`update key_ring set state = 'decrypt-only' where purpose = 'signing'`.execute(query);
  await query.insertInto('key_ring').values(await server.services.keys.newRow({ purpose: 'signing', algorithm: 'PS256', secret, now: clock.now() })).execute();
  await assert.rejects(startProcess(app), ConfigError);
});

attack('Q481', 'another master key: no start with the old one, none of the keys changes', async () => {
  const server = await begin();
  const envelope = seal(server, placeOf('1'), 'secret');
  const before = server.services.keys.hmacKey('csrf');
  const other = localMasterKey(randomBytes(32));
  await rewrapRing(server, onRing, other);
  await assert.rejects(startProcess(app), /MASTER_KEY_FILE holds another key/);
  const keys = new Keys(app.context, app.context.services.db, other);
  await keys.load();
  assert.deepEqual(keys.hmacKey('csrf'), before);
  const services = { ...app.context.services, keys };
  assert.equal(open({ services }, placeOf('1'), envelope).toString(), 'secret');
  assert.equal(opens(server, '1', envelope), 'secret');
  await keys.close();
});
