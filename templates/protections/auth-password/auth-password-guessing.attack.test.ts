import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { extraProofsOf } from '#src/protections/auth-password/tries.ts';
import { digestOf } from '#src/protections/encryption/token.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { countArgon2 } from '#tests/support/auth-password/crypto-spy.ts';
import { goodPassword, login, makePerson } from '#tests/support/auth-password/people.ts';
import { RangeStub } from '#tests/support/auth-password/range-stub.ts';
import { type Received, send } from '#tests/support/http.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';
import { mailsOf } from '#tests/support/mailer.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { ageAttempts } from '#tests/support/sessions/people.ts';

const range = await new RangeStub().start();
const app = await startApp({ env: { BREACHED_PASSWORDS_URL: range.url } });
const wrongPassword = 'not the password of anybody';

/** A proof that a page would ask for while an account is guessed at. */
const solved = new Set<string>();
extraProofsOf(app.context).push({ id: 'puzzle', isShown: async ({ request }) => solved.delete(String(request.headers['x-puzzle'])) });

/** Cookies and CSRF token of a browser that is not signed in. */
const visitor = await new Browser(app).ownHeaders();

/** Tries to sign in from an address; from one of its own unless one is given. */
const tryFrom = ({ email, password }: { readonly email: string; readonly password: string }, from = new Browser(app).address): Promise<Received> =>
  send(app, 'POST', '/auth/login', { headers: visitor, from, body: { email, password } });

/** Guesses at an account, each time from another address. */
const guessFromMany = async (email: string, count: number): Promise<Received[]> => {
  const answers: Received[] = [];
  for (let index = 0; index < count; index += 1) answers.push(await tryFrom({ email, password: `${wrongPassword} ${index}` }));
  return answers;
};

const countOf = (answers: readonly Received[], wanted: number): number => answers.filter(({ status }) => status === wanted).length;

/** What the tries on an account are counted as. */
const account = (email: string): string => `password:account:${email}`;

/** How often a subject was counted. */
const counted = async (subject: string): Promise<number> => {
  const row = await app.context.services.db.query.selectFrom('attempts').select('count').where('subject', '=', digestOf(subject)).executeTakeFirst();
  return row?.count ?? 0;
};

benign('a few wrong passwords keep nobody out, and count for nothing once the right one came', async () => {
  const person = await makePerson(app);
  const browser = new Browser(app);
  for (let round = 0; round < 4; round += 1) {
    for (let index = 0; index < 2; index += 1) assert.equal((await login(browser, { ...person, password: wrongPassword })).status, 401);
    assert.equal((await login(browser, person)).status, 200);
  }
});

benign('whoever waits is let through', async () => {
  const person = await makePerson(app);
  await guessFromMany(person.email, 12);
  await ageAttempts(app, 900, [account(person.email)]);
  assert.equal((await login(new Browser(app), person)).status, 200);
});

benign('an office signs in from one address', async () => {
  const people = await Promise.all(Array.from({ length: 4 }, () => makePerson(app)));
  for (let round = 0; round < 8; round += 1) {
    for (const person of people) assert.equal((await tryFrom(person, '127.200.0.1')).status, 200);
  }
});

attack('Q435', '100 names with one password from one address: throttled before anything is hashed', async () => {
  const person = await makePerson(app);
  const answers: Received[] = [];
  const calls = await countArgon2(async () => {
    for (let index = 0; index < 100; index += 1) answers.push(await tryFrom({ email: `${randomUUID()}@people.test`, password: goodPassword }, '127.201.0.1'));
  });
  assert.ok(countOf(answers, 401) <= 30, `${countOf(answers, 401)} guesses`);
  assert.equal(countOf(answers, 429), 100 - countOf(answers, 401));
  assert.equal(calls.count, countOf(answers, 401));
  assert.equal((await login(new Browser(app), person)).status, 200);
});

attack('Q435', 'one name with 20 passwords from 20 addresses, then with the right one: throttled', async () => {
  const person = await makePerson(app);
  const answers = await guessFromMany(person.email, 20);
  assert.ok(countOf(answers, 401) <= 10, `${countOf(answers, 401)} guesses`);
  assert.equal(countOf(answers, 429), 20 - countOf(answers, 401));
  const late = await tryFrom(person);
  assert.equal(late.status, 429);
  assert.match(late.headers['retry-after'] ?? '', /^\d+$/);
  assert.equal(late.json()['code'], 'sign_in_throttled');
});

attack('Q435', 'one name from one address: throttled sooner; the spelling of the name makes no difference', async () => {
  const { email } = await makePerson(app);
  const answers: Received[] = [];
  for (let index = 0; index < 12; index += 1) answers.push(await tryFrom({ email: index % 2 === 0 ? email : email.toUpperCase(), password: `${wrongPassword} ${index}` }, '127.202.0.1'));
  assert.equal(countOf(answers, 401), 5);
});

attack('Q435', 'a success between guesses does not reset what others guessed', async () => {
  const person = await makePerson(app);
  await guessFromMany(person.email, 8);
  assert.equal((await tryFrom(person)).status, 200);
  const answers = await guessFromMany(person.email, 6);
  assert.equal(countOf(answers, 401), 2);
});

attack('Q435', '20 guesses at the same moment: no more are judged than one after the other', async () => {
  const { email } = await makePerson(app);
  const answers = await Promise.all(Array.from({ length: 20 }, () => tryFrom({ email, password: wrongPassword })));
  assert.ok(countOf(answers, 401) <= 10);
  assert.ok(countOf(answers, 429) >= 10);
});

attack('Q435', 'the wait grows with every further guess, up to a quarter of an hour', async () => {
  const { email } = await makePerson(app);
  await guessFromMany(email, 10);
  let before = 0;
  for (let round = 0; round < 7; round += 1) {
    const wait = Number((await tryFrom({ email, password: wrongPassword })).headers['retry-after']);
    assert.ok(wait > before || wait >= 899, `${wait} after ${before}`);
    assert.ok(wait <= 900);
    before = wait;
    await ageAttempts(app, wait, [account(email)]);
    assert.equal((await tryFrom({ email, password: wrongPassword })).status, 401);
  }
  assert.ok(before >= 890);
});

attack('Q435', 'guesses with passwords from leaks are counted like any other, and cost no question to the range API', async () => {
  const person = await makePerson(app);
  const leaked = 'a password that everybody has';
  range.knows(leaked, 5000);
  const asked = range.asked.length;
  const browser = new Browser(app);
  for (let index = 0; index < 3; index += 1) assert.equal((await login(browser, { ...person, password: leaked })).status, 401);
  assert.equal(await counted(account(person.email)), 3);
  assert.equal(range.asked.length, asked);
});

attack('Q435', 'the owner of an account under attack comes in with the browser they know, a stranger with a forged cookie does not', async () => {
  const [owner, other] = [await makePerson(app), await makePerson(app)];
  const home = new Browser(app);
  assert.equal((await login(home, owner)).status, 200);
  const elsewhere = new Browser(app);
  assert.equal((await login(elsewhere, other)).status, 200);
  await guessFromMany(owner.email, 15);
  const known = home.cookie('known') ?? '';
  const strangers = [elsewhere.cookie('known'), known.slice(0, -2) + (known.endsWith('AA') ? 'BA' : 'AA'), `B${known.slice(1)}`, 'x'.repeat(43), undefined];
  for (const cookie of strangers) {
    const stranger = new Browser(app);
    if (cookie !== undefined) stranger.setCookie('known', cookie);
    assert.equal((await login(stranger, owner)).status, 429, cookie);
  }
  assert.equal((await login(home, owner)).status, 200);
});

attack('Q435', 'a cookie of a known browser that was stolen, or is old, allows no endless guessing', async () => {
  const person = await makePerson(app);
  const home = new Browser(app);
  assert.equal((await login(home, person)).status, 200);
  const known = home.cookie('known') ?? '';
  const answers: Received[] = [];
  for (let index = 0; index < 12; index += 1) {
    const thief = new Browser(app);
    thief.setCookie('known', known);
    answers.push(await login(thief, { ...person, password: `${wrongPassword} ${index}` }));
  }
  assert.equal(countOf(answers, 401), 5);
  await guessFromMany(person.email, 15);
  await ageAttempts(app, 3601, [`password:device:${known}`]);
  app.clock.advance(91 * 86_400_000);
  const old = new Browser(app);
  old.setCookie('known', known);
  assert.equal((await login(old, person)).status, 429);
});

attack('Q435', 'another proof opens the way to one more try, once, and not without end', async () => {
  const person = await makePerson(app);
  await guessFromMany(person.email, 15);
  const withPuzzle = (answer: string, password: string) => new Browser(app).post('/auth/login', { email: person.email, password }, { headers: { 'x-puzzle': answer } });
  const refused = await withPuzzle('unsolved', person.password);
  assert.equal(refused.status, 429);
  assert.deepEqual(refused.json()['proofs'], ['puzzle']);
  const guesses: Received[] = [];
  for (let index = 0; index < 8; index += 1) {
    solved.add(`guess-${index}`);
    guesses.push(await withPuzzle(`guess-${index}`, wrongPassword));
  }
  assert.equal(countOf(guesses, 401), 5);
  await ageAttempts(app, 3601, [`password:proof:puzzle:${person.email}`]);
  solved.add('mine');
  assert.equal((await withPuzzle('mine', person.password)).status, 200);
});

attack('Q435', 'while an account is throttled nothing tells whether it exists, or whether a password is right', async () => {
  const person = await makePerson(app);
  const unknown = { email: `${randomUUID()}@people.test`, password: goodPassword };
  await guessFromMany(person.email, 12);
  await guessFromMany(unknown.email, 12);
  const tries = [person, { ...person, password: wrongPassword }, unknown, { ...unknown, password: wrongPassword }];
  const answers = await Promise.all(tries.map((credentials) => tryFrom(credentials)));
  // The wait is the same within the seconds that the guesses took.
  const seen = answers.map(({ status, text, rawHeaders }) => JSON.stringify([status, text, rawHeaders.filter((value) => !/^\d+$/.test(value) && !value.endsWith('GMT'))]));
  assert.equal(new Set(seen.map((text) => text.replaceAll(/"(errorId|requestId|instance)":"[^"]*"/g, ''))).size, 1, seen.join('\n'));
  assert.ok(answers.every(({ status }) => status === 429));
  const waits = answers.map(({ headers }) => Number(headers['retry-after']));
  assert.ok(Math.max(...waits) - Math.min(...waits) <= 30, waits.join());
});

attack('Q435', 'the right password that stood in a leak: only changing it works, and signing out', async () => {
  const leaked = 'the right one but in a leak';
  const person = await makePerson(app, { password: leaked });
  const browser = new Browser(app);
  assert.deepEqual((await login(browser, person)).json(), { state: 'signed-in' });
  range.knows(leaked, 3);
  const limited = new Browser(app);
  assert.deepEqual((await login(limited, person)).json(), { state: 'password-change' });
  for (const path of ['/api/v1/me', '/auth/sessions', '/api/v1/documents']) {
    const answer = await limited.get(path);
    assert.equal(answer.status, 403, path);
    assert.equal(answer.json()['code'], 'password_change_required', path);
  }
  assert.equal((await limited.post('/auth/password/step-up', { password: leaked })).status, 403);
  assert.equal((await limited.post('/auth/password/change', { currentPassword: leaked, newPassword: goodPassword })).status, 204);
  assert.equal((await limited.get('/api/v1/me')).status, 200);
  const after = await login(new Browser(app), { ...person, password: goodPassword });
  assert.deepEqual(after.json(), { state: 'signed-in' });
});

attack('Q435', 'a sign-in after many wrong passwords: its owner is told', async () => {
  const [attacked, other] = [await makePerson(app), await makePerson(app)];
  await guessFromMany(attacked.email, 6);
  await guessFromMany(other.email, 2);
  assert.equal((await login(new Browser(app), attacked)).status, 200);
  assert.equal((await login(new Browser(app), other)).status, 200);
  await drainJobs(app);
  const mails = mailsOf(app).filter(({ to }) => to === attacked.email);
  assert.equal(mails.length, 1);
  assert.match(mails[0]?.text ?? '', /after 6 wrong ones/);
  assert.equal((await login(new Browser(app), attacked)).status, 200);
  await drainJobs(app);
  assert.equal(mailsOf(app).filter(({ to }) => to === attacked.email).length, 1, 'told once');
  assert.equal(mailsOf(app).filter(({ to }) => to === other.email).length, 0);
});
