import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mock } from 'node:test';
import { hasherOf } from '#src/protections/auth-password/hashing/hasher.ts';
import { countSchemes, wrapOldHashes } from '#src/protections/auth-password/leftovers.ts';
import { setPassword } from '#src/protections/auth-password/passwords.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { countArgon2 } from '#tests/support/auth-password/crypto-spy.ts';
import { goodPassword, login, makePerson, storeHash, storedHash } from '#tests/support/auth-password/people.ts';
import { send, sendRaw } from '#tests/support/http.ts';
import { Browser } from '#tests/support/sessions/browser.ts';

const app = await startApp();

/** Hashes of `goodPassword` as other programs made them. */
const foreign = {
  bcrypt: '$2b$05$CCCCCCCCCCCCCCCCCCCCC.d9Q82QQJRwzpfMNKNdNBzyBxDOBWkXW',
  'bcrypt of PHP': '$2y$04$CCCCCCCCCCCCCCCCCCCCC.9K7eINYDw.CyN.9dhYTSX0fILAqB/ga',
  'pbkdf2 with dots for plus signs': '$pbkdf2-sha256$29000$.....................w$ijvsg9Ba2ijpqISXHrOSyOBnWPP8l.R.3w9VTH1pfnI',
  scrypt: '$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$d8aOCvwUxa7wK91pbGTFdnhiJYmo1VsmYHX84Gs2O5A',
  'pbkdf2 with SHA-256': '$pbkdf2-sha256$29000$AAECAwQFBgcICQoLDA0ODw$9Gerew8iDSspAvnIf8e1OUsluTk7hzSIpTV1/wvZ1u4',
  'pbkdf2 with SHA-512':
    '$pbkdf2-sha512$25000$AAECAwQFBgcICQoLDA0ODw$wSVn9JulxlzIenL/eTn7XnrpGSsrWaFzKjToAB5DbXUmYnlag3eLS8e0cOopLuW1huLY2KCmasylMM2yvjUt5g',
} as const;
/** The same with 2^15 rounds. */
const slowBcrypt = '$2b$15$CCCCCCCCCCCCCCCCCCCCC.mwNqnti/Th2C5tibkGe38ynmt9soWaO';
const wrongPassword = 'violin under eight lamps';

const own = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1,keyid=[\w+/]{8}\$[\w+/]{22}\$[\w+/]{43}$/;

/** Somebody whose hash another app left. */
const makeLegacyPerson = async (hash: string) => {
  const person = await makePerson(app);
  await storeHash(app, person.userId, hash);
  return person;
};

benign('whoever has a password signs in with it and is known', async () => {
  const browser = new Browser(app);
  const person = await makePerson(app);
  const answer = await login(browser, person);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json(), { state: 'signed-in' });
  assert.equal((await browser.get('/api/v1/me')).json()['id'], person.userId);
});

benign('a hash of an old scheme opens the account with the right password', async () => {
  for (const [scheme, hash] of Object.entries(foreign)) assert.equal((await login(new Browser(app), await makeLegacyPerson(hash))).status, 200, scheme);
});

benign('the report counts what is left, and old hashes can be put under Argon2id', async () => {
  const person = await makeLegacyPerson(foreign.bcrypt);
  assert.ok(((await countSchemes(app.context)).get('bcrypt') ?? 0) >= 1);
  assert.ok((await wrapOldHashes(app.context)) >= 1);
  assert.ok(((await countSchemes(app.context)).get('wrapped') ?? 0) >= 1);
  assert.equal((await login(new Browser(app), person)).status, 200);
});

attack('Q404', 'what is stored is Argon2id at full cost, another text for the same password', async () => {
  const hasher = hasherOf(app.context);
  const hashes = await Promise.all([hasher.hash(goodPassword), hasher.hash(goodPassword)]);
  for (const hash of hashes) {
    const [, memory, passes] = own.exec(hash) ?? [];
    assert.ok(Number(memory) >= 19_456 && Number(passes) >= 2, hash);
    assert.deepEqual(await hasher.verify(goodPassword, hash), { valid: true, outdated: false });
  }
  assert.notEqual(hashes[0]?.split('$')[4], hashes[1]?.split('$')[4], 'one salt for both');
});

attack('Q404', 'a setting below the floor is not followed', async () => {
  const cheap = await startApp({ config: { ARGON2_MEMORY_KIB: 64, ARGON2_PASSES: 1 } });
  const [, memory, passes] = own.exec(await hasherOf(cheap.context).hash(goodPassword)) ?? [];
  assert.equal(Number(memory), 19_456);
  assert.equal(Number(passes), 2);
  await assert.rejects(startApp({ env: { ARGON2_MEMORY_KIB: '19455' } }), /ARGON2_MEMORY_KIB/);
  await assert.rejects(startApp({ env: { ARGON2_PASSES: '1' } }), /ARGON2_PASSES/);
});

attack('Q404', '200 sign-ins at once: two are hashed at a time, few wait, the rest is sent away', async () => {
  const small = await startApp({ env: { PASSWORD_HASHES_AT_ONCE: '2', PASSWORD_HASHES_WAITING: '8' } });
  const browser = new Browser(small);
  const headers = await browser.ownHeaders();
  const statuses: number[] = [];
  const calls = await countArgon2(async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        send(small, 'POST', '/auth/login', { headers, from: `127.77.0.${1 + index}`, body: { email: `${randomUUID()}@people.test`, password: goodPassword } }),
      ),
    );
    statuses.push(...answers.map(({ status }) => status));
  });
  assert.deepEqual(new Set(statuses), new Set([401, 503]));
  assert.ok(calls.mostAtOnce <= 2, `${calls.mostAtOnce} at once`);
  assert.equal(calls.count, statuses.filter((status) => status === 401).length);
  assert.equal((await login(new Browser(small), await makePerson(small))).status, 200);
});

attack('Q404', 'a password of 10 MB, and one of 257 characters: refused before anything is hashed', async () => {
  const person = await makePerson(app);
  const browser = new Browser(app);
  const headers = Object.entries({ ...(await browser.ownHeaders()), host: 'app.test', 'content-type': 'application/json', 'content-length': '10485760' });
  const head = `POST /auth/login HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n{"password":"`;
  const calls = await countArgon2(async () => {
    // 413 at once, or no answer as long as the rest is to come.
    assert.match((await sendRaw(app, head + 'a'.repeat(100_000))).text, /^(?:HTTP\/1\.1 413 |$)/);
    assert.equal((await login(browser, { ...person, password: 'ä'.repeat(257) })).status, 422);
  });
  assert.equal(calls.count, 0);
  const long = await makePerson(app, { password: '😀'.repeat(256) });
  assert.equal((await login(new Browser(app), long)).status, 200);
});

attack('Q404', 'passwords that differ only after the 72nd byte are two', async () => {
  const start = 'a passphrase that goes on and on until it is longer than what bcrypt looks at, ';
  const person = await makePerson(app, { password: `${start}one` });
  assert.equal((await login(new Browser(app), { ...person, password: `${start}two` })).status, 401);
  assert.equal((await login(new Browser(app), person)).status, 200);
});

attack('Q424', 'an old hash is replaced at the first sign-in, and by nothing else', async () => {
  for (const [scheme, hash] of Object.entries(foreign)) {
    const person = await makeLegacyPerson(hash);
    assert.equal((await login(new Browser(app), { ...person, password: wrongPassword })).status, 401, scheme);
    assert.equal(await storedHash(app, person.userId), hash, scheme);
    assert.equal((await login(new Browser(app), person)).status, 200, scheme);
    const after = await storedHash(app, person.userId);
    assert.match(after ?? '', own, scheme);
    assert.equal((await login(new Browser(app), { ...person, password: wrongPassword })).status, 401, scheme);
    assert.equal((await login(new Browser(app), person)).status, 200, scheme);
    assert.equal(await storedHash(app, person.userId), after, 'a good hash stays');
  }
});

attack('Q424', 'an Argon2id hash that is too cheap, or has no pepper, is replaced at the first sign-in', async () => {
  const cheap = '$argon2id$v=19$m=1024,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$BWsZ+IxQo4rTfBFciWDPBbPj1BLQGkxVhN/Ereg5deg';
  const plain = '$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$ixx+bQA2TWkWdBQs/BJuLKdxOjAi+kx+RaLcTKtF6N0';
  for (const hash of [cheap, plain]) {
    const person = await makeLegacyPerson(hash);
    assert.equal((await login(new Browser(app), { ...person, password: wrongPassword })).status, 401);
    assert.equal(await storedHash(app, person.userId), hash);
    assert.equal((await login(new Browser(app), person)).status, 200);
    assert.match((await storedHash(app, person.userId)) ?? '', own);
  }
  const dear = await startApp({ env: { ARGON2_MEMORY_KIB: '20480' } });
  const person = await makePerson(app);
  assert.equal((await login(new Browser(dear), person)).status, 200);
  assert.match((await storedHash(app, person.userId)) ?? '', /\$m=20480,/);
});

attack('Q424', 'what is no hash, or one that asks for too much, opens nothing and costs no more than any other', async () => {
  const large = '$argon2id$v=19$m=300000,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$nV2eDp83fJALkZQI+vTMvIS9a7MVYEHp78DSVlt4nWw';
  const absurd = ['$argon2id$v=19$m=4294967295,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$BWsZ+IxQo4rTfBFciWDPBbPj1BLQGkxVhN/Ereg5deg', slowBcrypt.replace('$15$', '$31$')];
  const unknown = ['', 'md5$c0ffee', `plain:${goodPassword}`, goodPassword, '$argon2id$', '$argon2i$v=19$m=1024,t=1,p=1$AAECAwQFBgc$AAECAwQFBgcICQoLDA0ODw', '$wrapped$eA$x'];
  for (const hash of [large, slowBcrypt, ...unknown, ...absurd]) {
    const person = await makeLegacyPerson(hash);
    const calls = await countArgon2(async () => {
      assert.equal((await login(new Browser(app), person)).status, 401, hash);
      assert.equal((await login(new Browser(app), { ...person, password: hash === '' ? ' ' : hash })).status, 401, hash);
    });
    assert.deepEqual(calls, { count: 2, mostAtOnce: 1, mostMemory: 19_456 }, hash);
    assert.equal(await storedHash(app, person.userId), hash);
  }
  assert.equal((await login(new Browser(app), await makePerson(app))).status, 200);
});

attack('Q424', 'a password that is changed while its old hash is replaced: the new one stays, the old one opens nothing', async () => {
  const person = await makeLegacyPerson(foreign.bcrypt);
  const newPassword = 'nine clouds over the harbour';
  const hasher = hasherOf(app.context);
  const chosen = await hasher.hash(newPassword);
  const rehash = hasher.hash.bind(hasher);
  const changing = mock.method(hasher, 'hash', async (password: string) => {
    const hash = await rehash(password);
    await setPassword(app.context.services.db.query, app.context, person.userId, chosen);
    return hash;
  });
  const browser = new Browser(app);
  try {
    assert.equal((await login(browser, person)).status, 401);
  } finally {
    changing.mock.restore();
  }
  assert.equal(await storedHash(app, person.userId), chosen);
  assert.equal((await browser.get('/api/v1/me')).status, 401);
  assert.equal((await login(new Browser(app), { ...person, password: newPassword })).status, 200);
});

attack('Q424', 'a hash under Argon2id shows nothing of the old one, and takes the right password only', async () => {
  const person = await makeLegacyPerson(foreign.bcrypt);
  await wrapOldHashes(app.context);
  const wrapped = (await storedHash(app, person.userId)) ?? '';
  assert.match(wrapped, /^\$wrapped\$/);
  assert.ok(!wrapped.includes(foreign.bcrypt.slice(29)), 'the old hash is still there');
  assert.equal((await login(new Browser(app), { ...person, password: wrongPassword })).status, 401);
  assert.equal(await storedHash(app, person.userId), wrapped);
  assert.equal((await login(new Browser(app), person)).status, 200);
  assert.match((await storedHash(app, person.userId)) ?? '', own);
});
