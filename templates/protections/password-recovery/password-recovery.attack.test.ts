import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { processFacts } from '#src/config.ts';
import { bootCheck } from '#src/protections/password-recovery/boot-check.ts';
import { deleteExpired } from '#src/protections/password-recovery/core.ts';
import { factorsOf } from '#src/protections/sessions/factors.ts';
import { type TestApp, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { lastCode, lastLink, mailsTo } from '#tests/support/auth-password/mail-links.ts';
import { login, makePerson, storedHash } from '#tests/support/auth-password/people.ts';
import type { Received } from '#tests/support/http.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { ageAttempts, ageProof, makeUser, signedIn } from '#tests/support/sessions/people.ts';

const app = await startApp();
const { query: db } = app.context.services.db;
const newPassword = 'nine clouds over the harbour';
const minute = 60_000;

const withFactor = new Set<string>();
factorsOf(app.context).secondFactors.push({ id: 'fixture', isEnrolled: async (_db, userId) => withFactor.has(userId) });

const forgot = (email: string, browser = new Browser(app)): Promise<Received> => browser.post('/auth/password/forgot', { email });
const reset = (token: unknown, password = newPassword): Promise<Received> => new Browser(app).post('/auth/password/reset', { token, password });

/** All that a client sees of an answer. */
const seen = ({ status, text, rawHeaders }: Received): string =>
  JSON.stringify([status, text, rawHeaders.filter((_value, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== 'date')]);

/** Everything that stands in the tables through which a token passes, as text. */
const dumpOf = async ({ context }: TestApp): Promise<string> => {
  const { query } = context.services.db;
  const rows = await Promise.all([
    query.selectFrom('password_resets').select(['user_id', 'token_digest', 'expires_at']).execute(),
    query.selectFrom('jobs').select(['type', 'payload', 'result', 'failure', 'idempotency_key']).execute(),
    query.selectFrom('security_events').select(['type', 'details']).execute(),
    query.selectFrom('passwords').select(['user_id', 'hash']).execute(),
  ]);
  return JSON.stringify(rows, (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : value));
};

benign('somebody forgot their password, opens the link, chooses another one and signs in with it', async () => {
  const person = await makePerson(app);
  assert.equal((await forgot(person.email)).status, 202);
  const link = await lastLink(app, person.email);
  assert.ok(link.href.startsWith('http://app.test/reset-password?token='));
  assert.equal((await reset(link.searchParams.get('token'))).status, 204);
  assert.equal((await login(new Browser(app), { ...person, password: newPassword })).status, 200);
  assert.equal((await login(new Browser(app), person)).status, 401);
  assert.match((await mailsTo(app, person.email)).at(-1)?.subject ?? '', /was changed/);
});

benign('an account without a password gets one, and an address that was not verified is so by the mail', async () => {
  const { email, id } = await makeUser(app);
  await db.updateTable('users').set({ email_verified_at: null }).where('id', '=', id).execute();
  await forgot(email);
  assert.equal((await reset(await lastCode(app, email))).status, 204);
  assert.equal((await login(new Browser(app), { email, password: newPassword })).status, 200);
});

benign('an administrator takes a password away, and its owner comes back by mail', async () => {
  const person = await makePerson(app);
  const admin = await signedIn(app, await makeUser(app, { roles: ['admin'] }));
  assert.equal((await admin.post(`/auth/password/reset-for/${person.userId}`)).status, 202);
  assert.equal((await reset(await lastCode(app, person.email))).status, 204);
  assert.equal((await login(new Browser(app), { ...person, password: newPassword })).status, 200);
});

attack('Q410', 'an address with an account and one without, a disabled one: the same answer, one mail and none', async () => {
  const [known, disabled] = [await makePerson(app), await makePerson(app)];
  await db.updateTable('users').set({ disabled_at: new Date(app.clock.now()) }).where('id', '=', disabled.userId).execute();
  const unknown = `${randomUUID()}@people.test`;
  const answers = [await forgot(known.email), await forgot(unknown), await forgot(disabled.email), await forgot(known.email.toUpperCase())];
  assert.equal(answers[0]?.status, 202);
  assert.equal(new Set(answers.map(seen)).size, 1, answers.map(seen).join('\n'));
  assert.equal((await mailsTo(app, known.email)).length, 2);
  assert.equal((await mailsTo(app, unknown)).length, 0);
  assert.equal((await mailsTo(app, disabled.email)).length, 0);
});

attack('Q410', 'a forged Host does not reach the link', async () => {
  const person = await makePerson(app);
  const forged = await new Browser(app).post('/auth/password/forgot', { email: person.email }, { headers: { host: 'evil.test' } });
  assert.equal(forged.status, 421);
  assert.deepEqual(await mailsTo(app, person.email), []);
  await new Browser(app).post('/auth/password/forgot', { email: person.email }, { headers: { 'x-forwarded-host': 'evil.test', forwarded: 'host=evil.test' } });
  assert.equal((await lastLink(app, person.email)).origin, 'http://app.test');
  const problems = (page: string) => bootCheck(processFacts({ ...app.context.config, PASSWORD_RESET_PAGE: page }));
  assert.deepEqual(problems('/reset'), []);
  for (const page of ['//evil.test', 'https://evil.test', '/\\evil.test', '@evil.test']) assert.equal(problems(page).length, 1, page);
});

attack('Q410', 'a token that was used, replaced, is too old, is invented, was for somebody disabled since: refused alike', async () => {
  const person = await makePerson(app);
  await forgot(person.email);
  const replaced = await lastCode(app, person.email);
  await forgot(person.email);
  const used = await lastCode(app, person.email);
  assert.notEqual(replaced, used);
  const early = await reset(replaced);
  assert.equal(early.status, 400);
  assert.equal((await reset(used)).status, 204);
  const before = await storedHash(app, person.userId);
  const [late, gone] = [await makePerson(app), await makePerson(app)];
  await forgot(late.email);
  const old = await lastCode(app, late.email);
  app.clock.advance(11 * minute);
  await forgot(gone.email);
  const disabled = await lastCode(app, gone.email);
  await db.updateTable('users').set({ disabled_at: new Date(app.clock.now()) }).where('id', '=', gone.userId).execute();
  const tokens = [used, replaced, old, disabled, 'A'.repeat(43), `${used}x`, used.slice(1), 'é', ' '];
  for (const token of tokens) assert.equal(seen(await reset(token, 'four owls below the bridge')), seen(early), token);
  for (const token of [[used], null, 7, '', 'x'.repeat(101)]) assert.equal((await reset(token)).status, 422);
  assert.equal(await storedHash(app, person.userId), before);
  assert.equal((await login(new Browser(app), late)).status, 200);
});

attack('Q410', 'three requests with one token at the same moment: one sets the password', async () => {
  const person = await makePerson(app);
  await forgot(person.email);
  const token = await lastCode(app, person.email);
  const chosen = ['four owls below the bridge', 'nine clouds over the harbour', 'two trains to the old sea'];
  const answers = await Promise.all(chosen.map((password) => reset(token, password)));
  assert.deepEqual(answers.map(({ status }) => status).toSorted((a, b) => a - b), [204, 400, 400]);
  const winner = chosen[answers.findIndex(({ status }) => status === 204)] ?? '';
  assert.equal((await login(new Browser(app), { ...person, password: winner })).status, 200);
});

attack('Q410', 'a program that opens every link in mails uses no token up; a password that is refused neither', async () => {
  const person = await makePerson(app);
  await forgot(person.email);
  const link = await lastLink(app, person.email);
  for (const method of ['GET', 'HEAD', 'OPTIONS']) assert.ok((await new Browser(app).send(method, link.pathname + link.search)).status < 500);
  const token = link.searchParams.get('token');
  for (const password of ['too short', 'passwordpassword', person.email]) assert.equal((await reset(token, password)).status, 422, password);
  assert.equal((await login(new Browser(app), person)).status, 200);
  assert.equal((await reset(token)).status, 204);
});

attack('Q410', 'a token stands in the mail and nowhere else: not in a table, not in the log', async () => {
  const person = await makePerson(app);
  app.log.clear();
  await forgot(person.email);
  const before = await dumpOf(app);
  const token = await lastCode(app, person.email);
  assert.match(token, /^[\w-]{43}$/);
  await new Browser(app).get(`/reset-password?token=${token}`);
  await reset(token, 'too short');
  const after = await dumpOf(app);
  assert.ok(after.includes(person.userId));
  assert.ok(!before.includes(token) && !after.includes(token));
  assert.ok(!app.log.text.includes(token) && !app.log.text.includes(person.email));
  assert.equal((await reset(token)).status, 204);
});

attack('Q410', 'after a reset the second factor is still asked for, every session has ended, and nobody is signed in', async () => {
  const person = await makePerson(app);
  const [first, second] = [new Browser(app), new Browser(app)];
  for (const browser of [first, second]) assert.equal((await login(browser, person)).status, 200);
  withFactor.add(person.userId);
  await forgot(person.email);
  const answer = await reset(await lastCode(app, person.email));
  assert.equal(answer.status, 204);
  assert.equal(answer.headers['set-cookie'], undefined);
  for (const browser of [first, second]) assert.equal((await browser.get('/api/v1/me')).status, 401);
  const after = new Browser(app);
  assert.deepEqual((await login(after, { ...person, password: newPassword })).json(), { state: 'second-factor' });
  assert.equal((await after.get('/api/v1/me')).json()['code'], 'second_factor_required');
});

attack('Q410', 'the sixth request in an hour for one address, each from elsewhere: 202, and no mail', async () => {
  const person = await makePerson(app);
  const answers: Received[] = [];
  for (let index = 0; index < 8; index += 1) answers.push(await forgot(person.email));
  assert.equal(new Set(answers.map(seen)).size, 1);
  assert.equal(answers.at(-1)?.status, 202);
  assert.equal((await mailsTo(app, person.email)).length, 5);
  await ageAttempts(app, 3601, [`mail:password-reset:${person.email}`]);
  await forgot(person.email);
  assert.equal((await mailsTo(app, person.email)).length, 6);
});

attack('Q410', 'the sixth request in a quarter of an hour from one address, for whomever: refused', async () => {
  const browser = new Browser(app);
  const statuses: number[] = [];
  for (let index = 0; index < 7; index += 1) statuses.push((await forgot(`${randomUUID()}@people.test`, browser)).status);
  assert.deepEqual(statuses, [202, 202, 202, 202, 202, 429, 429]);
});

attack('Q410', 'an account that strangers guess at opens at once for whoever came by the mail', async () => {
  const person = await makePerson(app);
  for (let index = 0; index < 12; index += 1) await login(new Browser(app), { ...person, password: `a guess, number ${index}` });
  assert.equal((await login(new Browser(app), person)).status, 429);
  await forgot(person.email);
  assert.equal((await reset(await lastCode(app, person.email))).status, 204);
  assert.equal((await login(new Browser(app), { ...person, password: newPassword })).status, 200);
});

attack('Q410', 'links that nobody used are deleted', async () => {
  const person = await makePerson(app);
  await forgot(person.email);
  await lastCode(app, person.email);
  const kept = async () => (await db.selectFrom('password_resets').select('user_id').where('user_id', '=', person.userId).execute()).length;
  await deleteExpired(db);
  assert.equal(await kept(), 1);
  await db.updateTable('password_resets').set({ expires_at: new Date(0) }).where('user_id', '=', person.userId).execute();
  await deleteExpired(db);
  assert.equal(await kept(), 0);
});

attack('Q456', 'an administrator who resets a password learns none, and it opens nothing any more', async () => {
  const person = await makePerson(app);
  const own = new Browser(app);
  assert.equal((await login(own, person)).status, 200);
  const admin = await signedIn(app, await makeUser(app, { roles: ['admin'] }));
  const answer = await admin.post(`/auth/password/reset-for/${person.userId}`);
  assert.equal(answer.status, 202);
  assert.doesNotMatch(answer.text, /password"|token|code/);
  assert.equal(await storedHash(app, person.userId), undefined);
  assert.equal((await login(new Browser(app), person)).status, 401);
  assert.equal((await own.get('/api/v1/me')).status, 401);
  const token = await lastCode(app, person.email);
  assert.ok(!(await dumpOf(app)).includes(token));
  app.clock.advance(11 * minute);
  assert.equal((await reset(token)).status, 400, 'the link expires');
  await forgot(person.email);
  assert.equal((await reset(await lastCode(app, person.email))).status, 204);
});

attack('Q456', 'nobody but an administrator with a fresh proof resets, and none for nobody', async () => {
  const person = await makePerson(app);
  const path = `/auth/password/reset-for/${person.userId}`;
  const [somebody, administrator] = [await signedIn(app), await makeUser(app, { roles: ['admin'] })];
  const tired = await signedIn(app, administrator);
  await ageProof(app, administrator.id);
  assert.equal((await new Browser(app).post(path)).status, 401);
  assert.equal((await somebody.post(path)).status, 403);
  assert.equal((await tired.post(path)).json()['code'], 'step_up_required');
  assert.equal((await (await signedIn(app, administrator)).post(path, { password: 'chosen by an administrator' })).status, 422);
  assert.equal((await (await signedIn(app, administrator)).post(`/auth/password/reset-for/${randomUUID()}`)).status, 404);
  assert.equal((await login(new Browser(app), person)).status, 200);
  assert.deepEqual(await mailsTo(app, person.email), []);
});
