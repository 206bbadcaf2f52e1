import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { bootCheck } from '#src/protections/accounts/boot-check.ts';
import { deleteExpired } from '#src/protections/accounts/core.ts';
import { processFacts } from '#src/config.ts';
import { startApp } from '#tests/support/app.ts';
import { dumpOf } from '#tests/support/accounts/dump.ts';
import { newAddress, resend, signUp, verify } from '#tests/support/accounts/sign-up.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { countArgon2 } from '#tests/support/auth-password/crypto-spy.ts';
import { lastCode, lastLink, mailsTo } from '#tests/support/auth-password/mail-links.ts';
import { goodPassword, login, makePerson, storedHash } from '#tests/support/auth-password/people.ts';
import type { Received } from '#tests/support/http.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { ageAttempts } from '#tests/support/sessions/people.ts';

const app = await startApp();
const { query: db } = app.context.services.db;
const otherPassword = 'nine clouds over the harbour';
const hour = 3_600_000;

const usersWith = async (email: string): Promise<number> => (await db.selectFrom('users').select('id').where('email', '=', email.toLowerCase()).execute()).length;

/** All that a client sees of an answer. */
const seen = ({ status, text, rawHeaders }: Received): string =>
  JSON.stringify([status, text, rawHeaders.filter((_value, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== 'date')]);

benign('somebody signs up, opens the link, types the password, and signs in', async () => {
  const email = newAddress();
  assert.equal((await signUp(app, email)).status, 202);
  const link = await lastLink(app, email);
  assert.ok(link.href.startsWith('http://app.test/verify-email?code='));
  assert.equal((await verify(app, link.searchParams.get('code'))).status, 204);
  const browser = new Browser(app);
  assert.deepEqual((await login(browser, { email, password: goodPassword })).json(), { state: 'signed-in' });
  assert.equal((await browser.get('/api/v1/me')).json()['email'], email);
});

benign('a mail that was lost is sent again', async () => {
  const email = newAddress();
  await signUp(app, email);
  await mailsTo(app, email);
  assert.equal((await resend(app, email)).status, 202);
  assert.equal((await mailsTo(app, email)).length, 2);
  assert.equal((await verify(app, await lastCode(app, email))).status, 204);
});

attack('A1', 'a sign-up with an address that has an account: the same answer, a mail to its owner, no second row, the same password', async () => {
  const person = await makePerson(app);
  const before = await storedHash(app, person.userId);
  const [taken, free] = [await signUp(app, person.email.toUpperCase(), otherPassword), await signUp(app, newAddress(), otherPassword)];
  assert.equal(taken.status, 202);
  assert.equal(seen(taken), seen(free));
  const mails = await mailsTo(app, person.email);
  assert.equal(mails.length, 1);
  assert.match(mails[0]?.subject ?? '', /You have an account/);
  assert.doesNotMatch(mails[0]?.text ?? '', /code=/);
  assert.equal(await usersWith(person.email), 1);
  assert.equal(await storedHash(app, person.userId), before);
  assert.deepEqual(await db.selectFrom('registrations').select('id').where('email', '=', person.email).execute(), []);
  assert.equal((await login(new Browser(app), person)).status, 200);
});

attack('A1', 'a sign-up does the same work for an address that has an account, and leaves the same behind', async () => {
  const person = await makePerson(app);
  for (const email of [person.email, newAddress()]) {
    const calls = await countArgon2(async () => void (await signUp(app, email)));
    assert.equal(calls.count, 1, email);
    const rows = await db.selectFrom('registrations').select('code_digest').where('email', '=', email).execute();
    assert.deepEqual(rows, [{ code_digest: null }], 'what is different happens in the job');
  }
});

attack('A1', 'asking for another mail tells nothing, and mails nobody who did not sign up', async () => {
  const person = await makePerson(app);
  const [pending, unknown] = [newAddress(), newAddress()];
  await signUp(app, pending);
  const answers = [await resend(app, pending), await resend(app, person.email), await resend(app, unknown)];
  assert.equal(new Set(answers.map(seen)).size, 1);
  assert.equal(answers[0]?.status, 202);
  assert.deepEqual(await mailsTo(app, unknown), []);
  assert.deepEqual(await mailsTo(app, person.email), []);
});

attack('A1', 'two spellings of one address, twenty sign-ups at once: one account', async () => {
  const email = `Mixed.${newAddress()}`;
  const spellings = [email, email.toUpperCase(), email.toLowerCase(), email.replace('people', 'PEOPLE')];
  const answers = await Promise.all(spellings.map((spelling) => signUp(app, spelling)));
  assert.deepEqual(answers.map(({ status }) => status), [202, 202, 202, 202]);
  const code = await lastCode(app, email.toLowerCase());
  const verified = await Promise.all(Array.from({ length: 3 }, () => verify(app, code)));
  assert.deepEqual(verified.map(({ status }) => status).toSorted((a, b) => a - b), [204, 400, 400]);
  assert.equal(await usersWith(email), 1);
  assert.equal((await login(new Browser(app), { email: email.toUpperCase(), password: goodPassword })).status, 200);
});

attack('A1', 'mail after mail to the mailbox of somebody else: five, and the answers do not tell', async () => {
  const victim = newAddress();
  const answers: Received[] = [];
  for (let index = 0; index < 9; index += 1) {
    answers.push(index % 3 === 2 ? await resend(app, victim) : await signUp(app, victim));
    await mailsTo(app, victim);
  }
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  assert.equal((await mailsTo(app, victim)).length, 5);
  await ageAttempts(app, 3601, [`mail:registration:${victim}`]);
  await signUp(app, victim);
  assert.equal((await mailsTo(app, victim)).length, 6);
});

attack('A1', 'a password that the policy does not take is refused, whoever the address belongs to', async () => {
  const person = await makePerson(app);
  const refused = [await signUp(app, person.email, 'passwordpassword'), await signUp(app, newAddress(), 'passwordpassword')];
  assert.deepEqual(refused.map(({ status }) => status), [422, 422]);
  assert.equal(new Set(refused.map(seen)).size, 1);
  assert.deepEqual(await mailsTo(app, person.email), []);
});

attack('A1', 'roles, a verified address, an id in a sign-up: refused, and nobody gets them', async () => {
  const email = newAddress();
  for (const extra of [{ roles: ['admin'] }, { emailVerifiedAt: '2030-01-01T00:00:00Z' }, { id: '00000000-0000-4000-8000-000000000001' }]) {
    const answer = await new Browser(app).post('/auth/register', { email, password: goodPassword, ...extra });
    assert.equal(answer.status, 422, JSON.stringify(extra));
  }
  await signUp(app, email);
  await verify(app, await lastCode(app, email));
  const user = await db.selectFrom('users').select('roles').where('email', '=', email).executeTakeFirstOrThrow();
  assert.deepEqual(user.roles, []);
});

attack('A1', 'more than ten sign-ups in an hour from one address: refused', async () => {
  const browser = new Browser(app);
  const statuses: number[] = [];
  for (let index = 0; index < 12; index += 1) statuses.push((await signUp(app, newAddress(), goodPassword, browser)).status);
  assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 202), 429, 429]);
});

attack('A2', 'who has not proven the address cannot sign in, and the answer is that of an unknown one', async () => {
  const email = newAddress();
  await signUp(app, email);
  await mailsTo(app, email);
  const [pending, unknown] = [await login(new Browser(app), { email, password: goodPassword }), await login(new Browser(app), { email: newAddress(), password: goodPassword })];
  assert.equal(pending.status, 401);
  assert.equal(seen(pending), seen(unknown));
  assert.equal(await usersWith(email), 0);
  assert.equal((await verify(app, await lastCode(app, email))).status, 204);
  assert.equal((await login(new Browser(app), { email, password: goodPassword })).status, 200);
});

attack('A2', 'a stranger signs up with the address of somebody else: no account when its owner opens the link', async () => {
  const victim = newAddress();
  await signUp(app, victim, 'the password of a stranger');
  const code = await lastCode(app, victim);
  const answer = await verify(app, code, goodPassword);
  assert.equal(answer.status, 403);
  assert.equal(answer.json()['code'], 'password_wrong');
  assert.equal(await usersWith(victim), 0);
  assert.equal((await login(new Browser(app), { email: victim, password: 'the password of a stranger' })).status, 401);
  // The owner signs up, and the code of the stranger's sign-up is worth nothing any more.
  await signUp(app, victim);
  const own = await lastCode(app, victim);
  assert.equal((await verify(app, code, 'the password of a stranger')).status, 400);
  assert.equal((await verify(app, own)).status, 204);
  assert.equal((await login(new Browser(app), { email: victim, password: 'the password of a stranger' })).status, 401);
  assert.equal((await login(new Browser(app), { email: victim, password: goodPassword })).status, 200);
});

attack('A2', 'a code that was used, replaced, is an hour old, is invented, is of another kind: refused alike, and no account', async () => {
  const used = newAddress();
  await signUp(app, used);
  const usedCode = await lastCode(app, used);
  const three = await Promise.all(Array.from({ length: 3 }, () => verify(app, usedCode)));
  assert.deepEqual(three.map(({ status }) => status).toSorted((a, b) => a - b), [204, 400, 400]);
  const email = newAddress();
  await signUp(app, email);
  const replaced = await lastCode(app, email);
  await resend(app, email);
  const old = await lastCode(app, email);
  assert.notEqual(replaced, old);
  app.clock.advance(hour);
  const codes = [usedCode, replaced, old, old.slice(0, -1), `${old}x`, 'A'.repeat(43), 'é', ' '];
  const answers = await Promise.all(codes.map((code) => verify(app, code)));
  for (const [index, answer] of answers.entries()) assert.equal(answer.status, 400, codes[index]);
  assert.equal(new Set(answers.map(seen)).size, 1);
  for (const code of [['x'], null, 7, '', 'x'.repeat(101)]) assert.equal((await verify(app, code)).status, 422, String(code));
  assert.equal(await usersWith(email), 0);
  await resend(app, email);
  assert.equal((await verify(app, await lastCode(app, email))).status, 204);
});

attack('A2', 'with the code in hand, the password of the sign-up cannot be guessed on and on', async () => {
  const email = newAddress();
  await signUp(app, email);
  const code = await lastCode(app, email);
  const statuses: number[] = [];
  for (let index = 0; index < 12; index += 1) statuses.push((await verify(app, code, `a guess, number ${index}`)).status);
  assert.deepEqual(new Set(statuses), new Set([403, 429]));
  assert.ok(statuses.filter((status) => status === 403).length <= 10);
  const { id } = await db.selectFrom('registrations').select('id').where('email', '=', email).executeTakeFirstOrThrow();
  await ageAttempts(app, 3601, [`registration:${id}`]);
  assert.equal((await verify(app, code)).status, 204);
});

attack('A2', 'a program that opens every link in mails uses no code up', async () => {
  const email = newAddress();
  await signUp(app, email);
  const link = await lastLink(app, email);
  for (const method of ['GET', 'HEAD']) assert.ok((await new Browser(app).send(method, link.pathname + link.search)).status < 500);
  assert.equal(await usersWith(email), 0);
  assert.equal((await verify(app, link.searchParams.get('code'))).status, 204);
});

attack('A2', 'a code stands in the mail and nowhere else: not in a table, not in the log', async () => {
  const email = newAddress();
  app.log.clear();
  await signUp(app, email);
  const before = await dumpOf(app);
  const code = await lastCode(app, email);
  assert.match(code, /^[\w-]{43}$/);
  await new Browser(app).get(`/verify-email?code=${code}`);
  await verify(app, code, 'a wrong password, for the log');
  const after = await dumpOf(app);
  assert.ok(after.includes(email));
  assert.ok(!before.includes(code) && !after.includes(code));
  assert.ok(!app.log.text.includes(code) && !app.log.text.includes(goodPassword));
  assert.equal((await verify(app, code)).status, 204);
});

attack('A2', 'a forged Host does not reach the link', async () => {
  const email = newAddress();
  const forged = await new Browser(app).post('/auth/register', { email, password: goodPassword }, { headers: { host: 'evil.test' } });
  assert.equal(forged.status, 421);
  const browser = new Browser(app);
  await browser.post('/auth/register', { email, password: goodPassword }, { headers: { 'x-forwarded-host': 'evil.test' } });
  assert.equal((await lastLink(app, email)).origin, 'http://app.test');
  const problems = (page: string) => bootCheck(processFacts({ ...app.context.config, VERIFY_EMAIL_PAGE: page }));
  assert.deepEqual(problems('/welcome'), []);
  assert.equal(problems('//evil.test').length, 1);
});

attack('A2', 'a mail that cannot be sent: nothing is half done, and the next one works', async () => {
  const email = newAddress();
  await signUp(app, email);
  const down = mock.method(app.context.services.mailer, 'send', () => Promise.reject(new Error('the mail server is down')));
  try {
    assert.deepEqual(await mailsTo(app, email), []);
  } finally {
    down.mock.restore();
  }
  const pending = await db.selectFrom('registrations').select('code_digest').where('email', '=', email).executeTakeFirstOrThrow();
  assert.equal(pending.code_digest, null);
  app.clock.advance(60_000);
  assert.equal((await verify(app, await lastCode(app, email))).status, 204);
});

attack('A2', 'who signed up and never came back is forgotten after a day', async () => {
  const email = newAddress();
  await signUp(app, email);
  const code = await lastCode(app, email);
  app.clock.advance(24 * hour + 1);
  await resend(app, email);
  assert.equal((await mailsTo(app, email)).length, 1, 'too late for another mail');
  const kept = newAddress();
  await signUp(app, kept);
  await db.updateTable('registrations').set({ expires_at: new Date(0) }).where('email', '=', email).execute();
  await deleteExpired(db);
  assert.deepEqual(await db.selectFrom('registrations').select('email').where('email', 'in', [email, kept]).execute(), [{ email: kept }]);
  assert.equal((await verify(app, code)).status, 400);
  await signUp(app, email);
  assert.equal((await verify(app, await lastCode(app, email))).status, 204);
});
