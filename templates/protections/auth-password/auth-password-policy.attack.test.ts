import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { breachedPasswordsOf, publicRangeApi, rangeApi } from '#src/protections/auth-password/policy/breached.ts';
import { factorsOf } from '#src/protections/sessions/factors.ts';
import { type TestApp, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { goodPassword, login, makePerson, storedHash } from '#tests/support/auth-password/people.ts';
import { RangeStub } from '#tests/support/auth-password/range-stub.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { signedIn } from '#tests/support/sessions/people.ts';

const app = await startApp({ env: { PASSWORD_CONTEXT_WORDS: 'Acme, Rocket Skates' } });
const range = await new RangeStub().start();
const asking = await startApp({ env: { BREACHED_PASSWORDS_URL: range.url } });

/** Users that have a second factor. */
const withFactor = new Set<string>();
factorsOf(app.context).secondFactors.push({ id: 'fixture', isEnrolled: async (_db, userId) => withFactor.has(userId) });

/** What somebody new is told who chooses a password. */
const choose = async (newPassword: string, { on = app, email, secondFactor = false }: { on?: TestApp; email?: string; secondFactor?: boolean } = {}) => {
  const { userId, password } = await makePerson(on, email === undefined ? {} : { email });
  if (secondFactor) withFactor.add(userId);
  const browser = await signedIn(on, { id: userId });
  const before = await storedHash(on, userId);
  const answer = await browser.post('/auth/password/change', { currentPassword: password, newPassword });
  const isKept = (await storedHash(on, userId)) === before;
  assert.equal(isKept, answer.status !== 204, newPassword);
  return { status: answer.status, rule: answer.status === 204 ? undefined : answer.json()['rule'] };
};
const taken = { status: 204, rule: undefined };
const refused = (rule: string) => ({ status: 422, rule });

benign('long passwords of any characters are taken', async () => {
  const good = ['correct horse battery staple', '😀'.repeat(64), 'ää öö üü ßß éé ñ', 'x7$kQ9!vLm2@pRz5', '密码短语应当由许多互不相关的词语组成', 'acme makes no boots'];
  for (const password of good) assert.deepEqual(await choose(password), taken, password);
});

attack('Q416', '14 characters are too few for an account without a second factor, 7 for one with; nothing over 256 is cut', async () => {
  assert.deepEqual(await choose('vole jump rain'), refused('length'));
  assert.deepEqual(await choose('vole jump rains'), taken);
  assert.deepEqual(await choose('😀😁😂🤣😃😄😅😆😉😊😋😎😍😘'), refused('length'), '14 that take 28 places');
  assert.deepEqual(await choose('vole ju', { secondFactor: true }), refused('length'));
  assert.deepEqual(await choose('vole jum', { secondFactor: true }), taken);
  assert.deepEqual(await choose('vole jum'), refused('length'));
  assert.deepEqual(await choose('vole '.repeat(51) + 'v'), taken, '256');
  assert.equal((await choose('vole '.repeat(51) + 'vo')).status, 422, '257');
});

attack('Q416', 'passwords of the list of the most used ones, in any case, over and over, along the keyboard', async () => {
  const common = ['1q2w3e4r5t6y7u8i9o', 'passwordpassword', 'PassWordPassWord', '123456789qwerty', 'qwertyuiopasdfghjkl', 'sunshinesunshinesunshine', '123456789012345', '987654321098765', 'aaaaaaaaaaaaaaa', 'abcabcabcabcabc', 'zyxwvutsrqponmlk'];
  for (const password of common) assert.deepEqual(await choose(password), refused('common'), password);
  assert.deepEqual(await choose('trustno1', { secondFactor: true }), refused('common'));
  assert.deepEqual(await choose('sunshine and trust no one'), taken);
});

attack('Q416', 'names of the product, of the host and of the address itself, with a year and filled up', async () => {
  const context = ['acme-2026!!!!!!', 'ACME2026acme2026', 'Acme.2026......a', 'rocketskates-2026', 'rocket-skates-99', 'app.test.2026.app.test'];
  for (const password of context) assert.deepEqual(await choose(password), refused('context'), password);
  const email = `roberta.miller-${hash('sha1', String(process.pid)).slice(0, 8)}@example.test`;
  assert.deepEqual(await choose('roberta-miller-1987', { email }), refused('context'));
  assert.deepEqual(await choose('rocket boots fly higher'), taken);
});

attack('Q416', 'a password that stood in a leak is refused, one that stands there as padding is not; neither it nor its hash goes out', async () => {
  const [leaked, padded, unknown] = ['seven lamps in a leak', 'seven lamps of padding', 'seven lamps never seen'];
  range.knows(leaked, 12);
  range.knows(padded, 0);
  assert.deepEqual(await choose(leaked, { on: asking }), refused('breached'));
  assert.deepEqual(await choose(padded, { on: asking }), taken);
  assert.deepEqual(await choose(unknown, { on: asking }), taken);
  assert.deepEqual(
    range.asked.slice(-3),
    [leaked, padded, unknown].map((password) => ({ path: `/range/${hash('sha1', password).slice(0, 5).toUpperCase()}`, padding: 'true' })),
  );
});

attack('Q416', 'a range API that is down, refuses, answers nonsense or leads elsewhere keeps nobody out, and an event tells of it', async () => {
  const events = async () => {
    const rows = await asking.context.services.db.query.selectFrom('security_events').select(['type', 'details']).where('type', '=', 'security.notice').execute();
    return rows.filter(({ details }) => details['code'] === 'breached_passwords_unreachable').length;
  };
  const before = await events();
  const tried = (index: number) => `five lamps and ${index} faults`;
  const allLeaked = Array.from({ length: 4 }, (_, index) => `${hash('sha1', tried(index)).toUpperCase().slice(5)}:9`).join('\r\n');
  const faults: readonly Parameters<RangeStub['misbehave']>[0][] = [
    (request) => request.socket.destroy(),
    (_request, response) => response.writeHead(503).end(),
    (request, response) => (request.url === '/elsewhere' ? response.end(allLeaked) : response.writeHead(302, { location: '/elsewhere' }).end()),
    (_request, response) => response.end('x'.repeat(600_000)),
  ];
  try {
    for (const [index, fault] of faults.entries()) {
      range.misbehave(fault);
      assert.deepEqual(await choose(tried(index), { on: asking }), taken);
    }
    assert.ok((await events()) >= before + faults.length);
    assert.match(asking.log.text, /breached passwords could not be looked up/);
    range.misbehave(() => {});
    await assert.rejects(rangeApi(range.url, { timeoutMs: 20 }).count('never answered'), { name: 'TimeoutError' });
  } finally {
    range.misbehave(undefined);
  }
});

attack('Q416', 'in tests and development nobody is asked, in production the public list', () => {
  assert.equal(breachedPasswordsOf(app.context).source, undefined);
  assert.match(publicRangeApi, /^https:/);
  assert.equal(asking.context.config.BREACHED_PASSWORDS_URL, range.url);
});

attack('Q416', 'spaces around a password and the case of its letters are part of it', async () => {
  const exact = '  Violin under seven lamps ';
  const person = await makePerson(app, { password: exact });
  for (const password of [exact.trim(), exact.trimStart(), exact.toLowerCase(), exact.normalize('NFKD').replaceAll(' ', '\u00a0')]) {
    assert.equal((await login(new Browser(app), { ...person, password })).status, 401, JSON.stringify(password));
  }
  assert.equal((await login(new Browser(app), person)).status, 200);
  assert.notEqual(exact, goodPassword);
});
