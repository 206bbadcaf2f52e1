import assert from 'node:assert/strict';
import crypto, { randomBytes } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { mock } from 'node:test';
import { sql } from 'kysely';
import Type from 'typebox';
import { type Config, processFacts } from '#src/config.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { bootCheck } from '#src/protections/encryption/boot-check.ts';
import { openBareCbc } from '#src/protections/encryption/legacy/bare-cbc.ts';
import { importLegacyKey } from '#src/protections/encryption/legacy/import-key.ts';
import { migrateLegacy } from '#src/protections/encryption/legacy/migrate.ts';
import { openLegacy } from '#src/protections/encryption/legacy/open-legacy.ts';
import { CannotOpen, open, seal } from '#src/protections/encryption/seal.ts';
import { closed } from '#src/protections/validation/core.ts';
import { encrypt } from '#src/services/keys/aead.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { bareCbc, fernetToken } from '#tests/support/encryption/legacy.ts';
import { run } from '#tests/support/encryption/processes.ts';
import { emptyRing, notes, placeOf, readNote, startProcess, writeNote } from '#tests/support/encryption/ring.ts';
import { send } from '#tests/support/http.ts';

const value = () => closed({ value: Type.String({ maxLength: 4000 }) });

/** Opens what a request brings, the new way and the old one. */
const fixture = defineModule({
  id: 'legacy-fixture',
  prefix: '/fixture',
  routes: (['seal', 'fernet'] as const).map((format) =>
    route({ method: 'POST', path: `/${format}`, access: 'public', input: { body: value() }, output: value(), summary: 'Opens a value' }, ({ input }) => {
      try {
        const plain = format === 'seal' ? open(server, placeOf('row-1'), input.body.value) : openLegacy(server, format, input.body.value);
        return ok({ value: plain.toString() });
      } catch (error) {
        throw error instanceof CannotOpen ? new Problem(422, { detail: error.message }) : error;
      }
    }),
  ),
});

const app = await startApp({ env: { DATABASE_POOL_SIZE: '1', LEGACY_FORMATS: 'fernet:2030-06-30' }, modules: [fixture] });
await emptyRing(app);
const server = await startProcess(app);
const fernetKey = randomBytes(32);
await importLegacyKey(server, 'fernet', fernetKey.toString('base64url'));
const cbcKey = randomBytes(32);

const answerOf = async (format: 'seal' | 'fernet', text: string): Promise<{ readonly status: number; readonly text: string }> => {
  const { status, text: body } = await send(app, 'POST', `/fixture/${format}`, { body: { value: text } });
  return { status, text: body };
};

benign('a Fernet token of the specification opens', async () => {
  const other = await startProcess(app);
  await sql`delete from key_ring where purpose = 'legacy'`.execute(other.services.db.query);
  await importLegacyKey(other, 'fernet', 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=');
  const token = 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';
  assert.equal(openLegacy(other, 'fernet', token).toString(), 'hello');
});

benign('values of both kinds open for a request', async () => {
  assert.deepEqual(await answerOf('seal', seal(server, placeOf('row-1'), 'new')), { status: 200, text: '{"value":"new"}' });
  assert.deepEqual(await answerOf('fernet', fernetToken(fernetKey, 'old')), { status: 200, text: '{"value":"old"}' });
});

benign('legacy values move into a sealed column', async () => {
  const ids = [];
  for (const text of ['one', 'two', '']) ids.push(await writeNote(server, () => ({ legacy: bareCbc(cbcKey, text) })));
  const column = { ...notes, from: 'legacy', to: 'secret', open: (text: string) => openBareCbc(cbcKey, text) };
  assert.deepEqual(await migrateLegacy(server, column), { done: 3, left: [] });
  const texts = await Promise.all(ids.map(async (id) => open(server, placeOf(id), (await readNote(server, id)).secret ?? '').toString()));
  assert.deepEqual(texts, ['one', 'two', '']);
});

attack('Q469', 'a sealed value that says it is an older one, and an older one that says it is sealed: one answer', async () => {
  const sealed = seal(server, placeOf('row-1'), 'secret');
  const [, kid = '', nonce = '', body = ''] = sealed.split('.');
  const bytes = Buffer.concat([Buffer.from(nonce, 'base64url'), Buffer.from(body, 'base64url')]);
  const { status, text: refusal } = await answerOf('seal', 'nonsense');
  assert.equal(status, 422);
  const relabelled = [
    ...['0', 'cbc', 'v0', 'fernet', ''].map((label) => [label, kid, nonce, body].join('.')),
    bareCbc(cbcKey, 'secret'),
    fernetToken(fernetKey, 'secret'),
    `1.${kid}.${nonce}.${Buffer.from(bareCbc(cbcKey, 'secret'), 'base64').toString('base64url')}`,
  ];
  for (const text of relabelled) assert.deepEqual(await answerOf('seal', text), { status, text: refusal }, text);
  const asFernet = [sealed, Buffer.concat([Buffer.from([0x80]), Buffer.alloc(8), bytes]).toString('base64url'), bareCbc(cbcKey, 'secret'), ''];
  for (const text of asFernet) assert.deepEqual(await answerOf('fernet', text), { status, text: refusal }, text);
});

attack('Q469', 'wrong padding and a wrong MAC: the same answer, and nothing is decrypted for either', async () => {
  const decipher = mock.method(crypto, 'createDecipheriv');
  syncBuiltinESMExports();
  try {
    const token = Buffer.from(fernetToken(fernetKey, 'a secret that is longer than a block'), 'base64url');
    const altered = (index: number): string => {
      const bytes = Buffer.from(token);
      bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
      return bytes.toString('base64url');
    };
    assert.equal((await answerOf('fernet', token.toString('base64url'))).status, 200);
    assert.equal(decipher.mock.callCount(), 1);
    const wrongMac = await answerOf('fernet', altered(token.length - 1));
    assert.equal(wrongMac.status, 422);
    // The last byte of the block before the last one decides about the padding.
    const paddings = [token.length - 32 - 17, token.length - 33, 9, 30];
    for (const index of paddings) assert.deepEqual(await answerOf('fernet', altered(index)), wrongMac, String(index));
    assert.equal(decipher.mock.callCount(), 1);
  } finally {
    decipher.mock.restore();
    syncBuiltinESMExports();
  }
});

attack('Q469', 'nothing new is encrypted with CBC, ECB, DES or RC4', async () => {
  assert.equal(encrypt('A256GCM', randomBytes(32), Buffer.from('x'), '').nonce.length, 12);
  for (const algorithm of ['aes-256-cbc', 'aes-128-cbc', 'aes-256-ecb', 'des-ede3-cbc', 'rc4', 'aes-256-gcm', 'fernet', 'A128CBC', '']) {
    assert.throws(() => encrypt(algorithm, randomBytes(32), Buffer.from('x'), ''), RangeError, algorithm);
    await assert.rejects(server.services.keys.newRow({ purpose: 'sealing', algorithm, now: 0 }), RangeError, algorithm);
  }
});

attack('Q469', 'an old format behind its last day', async () => {
  const text = fernetToken(fernetKey, 'old');
  const later = { ...server, clock: { now: () => Date.UTC(2030, 5, 30, 23, 59, 59), monotonic: () => 0 } };
  assert.equal(openLegacy(later, 'fernet', text).toString(), 'old');
  const over = { ...server, clock: { now: () => Date.UTC(2030, 6, 1), monotonic: () => 0 } };
  assert.throws(() => openLegacy(over, 'fernet', text), CannotOpen);
  const off = { ...server, config: { ...server.config, LEGACY_FORMATS: [] } };
  assert.throws(() => openLegacy(off, 'fernet', text), CannotOpen);
});

attack('Q469', 'a start with a format whose time is over, without a day, or that nobody knows', async () => {
  const problemsOf = (...LEGACY_FORMATS: string[]): readonly string[] => {
    const config: Config = { ...app.context.config, LEGACY_FORMATS };
    return bootCheck(processFacts(config));
  };
  assert.deepEqual(problemsOf(), []);
  assert.deepEqual(problemsOf('fernet:9999-12-31'), []);
  assert.match(problemsOf('fernet:2001-01-31').join(), /the time of fernet:2001-01-31 is over/);
  for (const entry of ['fernet', 'fernet:', 'fernet:soon', 'fernet:9999-13-01', 'aes-cbc:9999-12-31', 'des:9999-12-31', 'fernet:9999-12-31:x']) {
    assert.match(problemsOf(entry).join(), /LEGACY_FORMATS must name/, entry);
  }
  const check = `
    import { assertSafeStart, loadConfig, processFacts } from '#src/config.ts';
    import { bootCheck } from '#src/protections/encryption/boot-check.ts';
    assertSafeStart([bootCheck], processFacts(loadConfig(process.env)));`;
  const { code, output } = await run(['--input-type=module', '--eval', check], { LEGACY_FORMATS: 'fernet:2001-01-31' });
  assert.notEqual(code, 0);
  assert.match(output, /is over/);
});

attack('Q469', 'a move that is killed: the next run finishes it, nothing is lost, nothing is left', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 30; count += 1) ids.push(await writeNote(server, () => ({ legacy: fernetToken(fernetKey, `old ${count}`) })));
  let moves = 0;
  const killed = {
    ...notes,
    from: 'legacy',
    to: 'secret',
    open: (text: string) => {
      moves += 1;
      if (moves > 10) throw new Error('killed');
      return openLegacy(server, 'fernet', text);
    },
  };
  await assert.rejects(migrateLegacy(server, killed), /killed/);
  const states = await Promise.all(ids.map((id) => readNote(server, id)));
  assert.equal(states.filter(({ legacy }) => legacy === null).length, 10);
  for (const { legacy, secret } of states) assert.equal((legacy === null) !== (secret === null), true, 'each row is old or new');
  const whole = { ...killed, open: (text: string) => openLegacy(server, 'fernet', text) };
  assert.deepEqual(await migrateLegacy(server, whole), { done: 20, left: [] });
  for (const [index, id] of ids.entries()) assert.equal(open(server, placeOf(id), (await readNote(server, id)).secret ?? '').toString(), `old ${index}`);
  assert.deepEqual(await migrateLegacy(server, whole), { done: 0, left: [] });
});

attack('Q469', 'a move meets values that somebody altered: they stay, and are named', async () => {
  const honest = await writeNote(server, () => ({ legacy: fernetToken(fernetKey, 'honest') }));
  const forged = await writeNote(server, () => ({ legacy: fernetToken(randomBytes(32), 'forged') }));
  const column = { ...notes, from: 'legacy', to: 'secret', open: (text: string) => openLegacy(server, 'fernet', text) };
  assert.deepEqual(await migrateLegacy(server, column), { done: 1, left: [forged] });
  assert.notEqual((await readNote(server, honest)).secret, null);
  assert.equal((await readNote(server, forged)).secret, null);
});
