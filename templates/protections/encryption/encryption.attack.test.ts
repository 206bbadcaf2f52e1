import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { safeEqual } from '#src/protections/encryption/safe-equal.ts';
import { CannotOpen, open, seal } from '#src/protections/encryption/seal.ts';
import { digestOf, newToken } from '#src/protections/encryption/token.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { emptyRing, placeOf, readNote, startProcess, writeNote } from '#tests/support/encryption/ring.ts';
import { lint } from '#tests/support/validation/lint.ts';

const app = await startApp({ env: { DATABASE_POOL_SIZE: '1' } });
await emptyRing(app);
const server = await startProcess(app);
const { query } = server.services.db;

/** Every way in which a value that was tampered with may fail is this one. */
const refused = { name: 'CannotOpen', message: new CannotOpen().message };
const place = placeOf('row-1');
const opened = (envelope: string, where = place): string => open(server, where, envelope).toString();

benign('a value opens in its place, text and bytes, in every process', async () => {
  for (const plain of ['', 'a', 'Ünïcödé', 'x'.repeat(100_000)]) assert.equal(opened(seal(server, place, plain)), plain);
  const bytes = randomBytes(1000);
  assert.deepEqual(open(server, place, seal(server, place, bytes)), bytes);
  const other = await startProcess(app);
  assert.equal(open(other, place, seal(server, place, 'shared')).toString(), 'shared');
});

benign('keys for HMACs are the same in every process, and another one for each use', async () => {
  const { keys } = server.services;
  const other = await startProcess(app);
  assert.deepEqual(other.services.keys.hmacKey('csrf'), keys.hmacKey('csrf'));
  assert.equal(keys.hmacKey('csrf').length, 32);
  assert.notDeepEqual(keys.hmacKey('csrf'), keys.hmacKey('pepper'));
});

benign('equal secrets are equal, others are not, whatever their length and kind', () => {
  assert.ok(safeEqual('secret', Buffer.from('secret')));
  for (const other of ['secreT', 'secret ', '', 'secre']) assert.equal(safeEqual('secret', other), false, other);
});

benign('tokens are long, new each time, and their digests stand for them', () => {
  assert.match(newToken(), /^[\w-]{43}$/);
  assert.notEqual(newToken(), newToken());
  assert.deepEqual(digestOf('abc').toString('hex').slice(0, 16), 'ba7816bf8f01cfea');
});

attack('Q445', 'every character of the envelope, changed: one error, always the same', () => {
  const envelope = seal(server, place, 'a secret of some length');
  assert.equal(opened(envelope), 'a secret of some length');
  for (const [index, character] of Array.from(envelope).entries()) {
    for (const other of ['A', 'B', '0', '1', '.', '~']) {
      if (other === character) continue;
      const changed = envelope.slice(0, index) + other + envelope.slice(index + 1);
      assert.throws(() => open(server, place, changed), refused, `${index}: ${character} -> ${other}`);
    }
  }
});

attack('Q445', 'every bit of nonce, body and tag, changed; parts cut, added and swapped', () => {
  const envelope = seal(server, place, 'secret');
  const [version = '', kid = '', nonce = '', body = ''] = envelope.split('.');
  const other = seal(server, place, 'secret').split('.');
  assert.equal(opened([version, kid, nonce, body].join('.')), 'secret');
  const flipped = (text: string): string[] =>
    Array.from({ length: Buffer.from(text, 'base64url').length * 8 }, (_, bit) => {
      const bytes = Buffer.from(text, 'base64url');
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return bytes.toString('base64url');
    });
  const forged = [
    ...flipped(nonce).map((changed) => [version, kid, changed, body]),
    ...flipped(body).map((changed) => [version, kid, nonce, changed]),
    [version, kid, other[2], body],
    [version, kid, nonce, other[3]],
    [version, kid, nonce],
    [version, kid, nonce, ''],
    [version, kid, nonce, body, ''],
    ['', version, kid, nonce, body],
    ['2', kid, nonce, body],
    [version, kid.toUpperCase().replace(/\d/, 'A'), nonce, body],
  ];
  for (const parts of forged) assert.throws(() => opened(parts.join('.')), refused, parts.join('.'));
  for (const text of ['', '.', '...', 'null', envelope.replaceAll('.', ','), ` ${envelope}`, `${envelope}\n`]) assert.throws(() => opened(text), refused, text);
});

attack('Q445', 'a second spelling of the same bytes', () => {
  // 17 bytes of body and tag end in a character with two bits that no byte has.
  const envelope = seal(server, place, 'x');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(envelope.at(-1) ?? '');
  const respelled = `${envelope.slice(0, -1)}${alphabet[last ^ 1] ?? ''}`;
  assert.equal(opened(envelope), 'x');
  assert.deepEqual(Buffer.from(respelled.split('.')[3] ?? '', 'base64url'), Buffer.from(envelope.split('.')[3] ?? '', 'base64url'));
  assert.throws(() => opened(respelled), refused);
});

attack('Q445', 'a tag of 4, 8 and 12 bytes', () => {
  // An empty value is its tag alone.
  const [version = '', kid = '', nonce = '', tag = ''] = seal(server, place, '').split('.');
  const shortened = (bytes: number): string => [version, kid, nonce, Buffer.from(tag, 'base64url').subarray(0, bytes).toString('base64url')].join('.');
  assert.equal(opened(shortened(16)), '');
  for (const bytes of [4, 8, 12, 13, 14, 15]) assert.throws(() => opened(shortened(bytes)), refused, String(bytes));
});

attack('Q445', 'a value moved to another row, column, table or purpose', () => {
  const envelope = seal(server, place, 'secret');
  assert.equal(opened(envelope), 'secret');
  const elsewhere = [{ row: 'row-2' }, { column: 'legacy' }, { table: 'users' }, { purpose: 'other' }, { table: 'notes"', column: 'secret' }];
  for (const moved of elsewhere) assert.throws(() => opened(envelope, { ...place, ...moved }), refused, JSON.stringify(moved));
  // Parts that only joined together would be the same place.
  const joined = { ...place, table: 'notes.secret', column: '' };
  assert.throws(() => opened(envelope, joined), refused);
});

attack('Q445', 'a key id that nobody knows, and that of another key', async () => {
  const [version = '', kid = '', nonce = '', body = ''] = seal(server, place, 'secret').split('.');
  assert.equal(opened([version, kid, nonce, body].join('.')), 'secret');
  const others = server.services.keys.list().filter((key) => key.kid !== kid);
  assert.ok(others.length > 0);
  for (const other of ['0000000000000000', 'ffffffffffffffff', ...others.map((key) => key.kid)]) {
    assert.throws(() => opened([version, other, nonce, body].join('.')), refused, other);
  }
});

attack('Q445', '10 000 values: no nonce twice, not even for the same text', () => {
  const nonces = new Set<string>();
  for (let count = 0; count < 10_000; count += 1) nonces.add(seal(server, place, 'same').split('.')[2] ?? '');
  assert.equal(nonces.size, 10_000);
});

attack('Q445', 'whoever reads the database finds neither the value nor a key', async () => {
  const canary = 'canary-of-the-plaintext';
  const id = await writeNote(server, (row) => ({ secret: seal(server, placeOf(row), canary) }));
  assert.equal(opened((await readNote(server, id)).secret ?? '', placeOf(id)), canary);
  const { rows } = await sql<{ line: string }>`select notes::text as line from notes union all select key_ring::text from key_ring`.execute(query);
  const dump = rows.map(({ line }) => line).join('\n');
  assert.ok(dump.includes(id));
  const secrets = server.services.keys.list().flatMap(({ secret }) => (secret === undefined ? [] : [secret]));
  assert.ok(secrets.length >= 2);
  for (const bytes of [Buffer.from(canary), ...secrets]) {
    for (const encoding of ['utf8', 'hex', 'base64', 'base64url'] as const) assert.equal(dump.includes(bytes.toString(encoding)), false, encoding);
  }
});

attack('Q445', 'tokens that could be guessed are not made', () => {
  assert.equal(Buffer.from(newToken(16), 'base64url').length, 16);
  for (const bytes of [0, 4, 8, 15, -1, 16.5, Number.NaN]) assert.throws(() => newToken(bytes), RangeError, String(bytes));
});

attack('Q445', 'the linter refuses other ciphers, and tokens from Math.random', () => {
  const fixtures = {
    honest: "import { createHash, randomInt } from 'node:crypto';\nexport const digest = (text: string) => createHash('sha256').update(text).digest();\nexport const pick = () => randomInt(6) + Math.floor(2.5);\n",
    cipher: "import { createCipheriv } from 'node:crypto';\nexport const hide = (key: Buffer, iv: Buffer) => createCipheriv('aes-128-cbc', key, iv);\n",
    renamed: "import { createDecipheriv as show } from 'node:crypto';\nexport const read = (key: Buffer) => show('des-ede3', key, null);\n",
    member: "import * as crypto from 'node:crypto';\nexport const hide = (key: Buffer) => crypto.createCipheriv('aes-256-ecb', key, null);\n",
    web: "export const hide = (key: CryptoKey, data: BufferSource) => globalThis.crypto.subtle.encrypt({ name: 'AES-CBC' }, key, data);\n",
    random: "export const token = () => Math.random().toString(36);\n",
    indexed: "export const token = () => Math['random']().toString(36);\n",
    taken: 'const { random } = Math;\nexport const token = () => random().toString(36);\n',
  };
  const { passes, rulesOf } = lint(fixtures);
  assert.equal(passes, false);
  assert.deepEqual(rulesOf('honest'), []);
  for (const name of ['cipher', 'renamed', 'member', 'web']) assert.ok(rulesOf(name).includes('encryption(no-own-cipher)'), name);
  for (const name of ['random', 'indexed', 'taken']) assert.ok(rulesOf(name).includes('encryption(no-math-random)'), name);
});
