import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { hasherOf } from '#src/protections/auth-password/hashing/hasher.ts';
import { demandChange, setPassword } from '#src/protections/auth-password/passwords.ts';
import { factorsOf } from '#src/protections/sessions/factors.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { goodPassword, login, makePerson, storedHash } from '#tests/support/auth-password/people.ts';
import { redirectUri, refresh, signInDevice } from '#tests/support/auth-password/device.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';
import { mailsOf } from '#tests/support/mailer.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { ageAttempts, ageProof, signedIn } from '#tests/support/sessions/people.ts';

const app = await startApp({ env: { NATIVE_CLIENTS: `phone=${redirectUri}` } });
const { query: db } = app.context.services.db;
const newPassword = 'nine clouds over the harbour';

const withFactor = new Set<string>();
factorsOf(app.context).secondFactors.push({ id: 'fixture', isEnrolled: async (_db, userId) => withFactor.has(userId) });

const change = (browser: Browser, currentPassword: string, chosen = newPassword) => browser.post('/auth/password/change', { currentPassword, newPassword: chosen });

const isSignedIn = async (browser: Browser): Promise<boolean> => (await browser.get('/api/v1/me')).status === 200;

benign('somebody changes their password and goes on', async () => {
  const person = await makePerson(app);
  const browser = new Browser(app);
  assert.equal((await login(browser, person)).status, 200);
  assert.equal((await change(browser, person.password)).status, 204);
  assert.ok(await isSignedIn(browser));
  assert.equal((await login(new Browser(app), person)).status, 401);
  assert.equal((await login(new Browser(app), { ...person, password: newPassword })).status, 200);
});

benign('the password proves once more who is there', async () => {
  const person = await makePerson(app);
  const browser = await signedIn(app, { id: person.userId });
  const before = browser.session;
  assert.equal((await browser.post('/auth/password/step-up', { password: person.password })).status, 204);
  assert.notEqual(browser.session, before);
  assert.ok(await isSignedIn(browser));
});

attack('Q456', 'a password of three years: nobody asks for another one', async () => {
  const person = await makePerson(app);
  await db.updateTable('passwords').set({ changed_at: new Date(app.clock.now() - 3 * 365 * 86_400_000) }).where('user_id', '=', person.userId).execute();
  const browser = new Browser(app);
  const answer = await login(browser, person);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json(), { state: 'signed-in' });
  assert.ok(await isSignedIn(browser));
});

attack('Q456', 'a wrong current password changes nothing and is counted; who found an open browser cannot guess on', async () => {
  const person = await makePerson(app);
  const before = await storedHash(app, person.userId);
  const browser = await signedIn(app, { id: person.userId });
  const statuses: number[] = [];
  for (let index = 0; index < 8; index += 1) {
    const paths = [() => change(browser, `a guess, number ${index}`), () => browser.post('/auth/password/step-up', { password: `a guess, number ${index}` })];
    const answer = await paths[index % 2]?.();
    statuses.push(answer?.status ?? 0);
    if (answer?.status === 403) assert.equal(answer.json()['code'], 'password_wrong');
  }
  assert.deepEqual(statuses, [403, 403, 403, 403, 403, 429, 429, 429]);
  assert.equal((await change(browser, person.password)).status, 429);
  assert.equal(await storedHash(app, person.userId), before);
  await ageAttempts(app, 3601, [`password:confirmation:${person.userId}`]);
  assert.equal((await change(browser, person.password)).status, 204);
});

attack('Q456', 'a change ends every other session, gives its own another id, and its owner gets a mail', async () => {
  const person = await makePerson(app);
  const [own, thief, stolen] = [new Browser(app), new Browser(app), new Browser(app)];
  for (const browser of [own, thief]) assert.equal((await login(browser, person)).status, 200);
  for (const pair of own.cookies.split('; ')) stolen.setCookie(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  assert.ok(await isSignedIn(stolen));
  const renewed = await refresh(app, await signInDevice(own));
  assert.equal(renewed.status, 200);
  const before = own.session;
  assert.equal((await change(own, person.password)).status, 204);
  assert.ok(await isSignedIn(own));
  const refused = await refresh(app, String(renewed.json()['refreshToken']));
  assert.ok(refused.status === 400 || refused.status === 401, `the device goes on: ${refused.status}`);
  assert.notEqual(own.session, before);
  assert.ok(!(await isSignedIn(thief)));
  assert.ok(!(await isSignedIn(stolen)), 'the id from before still opens');
  await drainJobs(app);
  const mails = mailsOf(app).filter(({ to }) => to === person.email);
  assert.equal(mails.length, 1);
  assert.match(mails[0]?.subject ?? '', /was changed/);
  assert.ok(!(mails[0]?.text.includes(newPassword) ?? true));
  const events = await db.selectFrom('security_events').select('type').where('user_id', '=', person.userId).where('type', '=', 'password.changed').execute();
  assert.equal(events.length, 1);
});

attack('Q456', 'a change that fails on the way changes nothing at all', async () => {
  const person = await makePerson(app);
  const [own, other] = [await signedIn(app, { id: person.userId }), await signedIn(app, { id: person.userId })];
  const before = await storedHash(app, person.userId);
  for (const [chosen, rule] of [[person.password, 'same'], ['too short', 'length'], ['passwordpassword', 'common']] as const) {
    const answer = await change(own, person.password, chosen);
    assert.equal(answer.status, 422, rule);
    assert.equal(answer.json()['rule'], rule);
  }
  assert.equal(await storedHash(app, person.userId), before);
  assert.ok(await isSignedIn(other));
  assert.equal((await change(own, person.password)).status, 204);
  assert.ok(!(await isSignedIn(other)));
});

attack('Q456', 'where a second factor is set up, an old session cannot change the password by the password alone', async () => {
  const person = await makePerson(app);
  withFactor.add(person.userId);
  const browser = await signedIn(app, { id: person.userId });
  await ageProof(app, person.userId);
  const answer = await change(browser, person.password);
  assert.equal(answer.status, 403);
  assert.equal(answer.json()['code'], 'step_up_required');
  assert.match((await storedHash(app, person.userId)) ?? '', /./);
  assert.equal((await browser.post('/auth/password/step-up', { password: person.password })).status, 204);
  assert.equal((await change(browser, person.password)).status, 204);
});

attack('Q456', 'two changes at the same moment: one of them counts', async () => {
  const person = await makePerson(app);
  const browsers = await Promise.all([signedIn(app, { id: person.userId }), signedIn(app, { id: person.userId })]);
  await Promise.all(browsers.map((browser) => browser.csrfToken()));
  const chosen = ['nine clouds over the harbour', 'four owls below the bridge'];
  const answers = await Promise.all(browsers.map((browser, index) => change(browser, person.password, chosen[index])));
  const winners = answers.flatMap(({ status }, index) => (status === 204 ? [chosen[index]] : []));
  assert.equal(winners.length, 1, answers.map(({ status }) => status).join());
  assert.equal((await login(new Browser(app), { ...person, password: winners[0] ?? '' })).status, 200);
});

attack('Q456', 'whoever signs in with the old password while it is changed stays outside', async () => {
  const person = await makePerson(app);
  const hasher = hasherOf(app.context);
  const verify = hasher.verify.bind(hasher);
  const hash = await hasher.hash(newPassword);
  const changing = mock.method(hasher, 'verify', async (password: string, stored: string | undefined) => {
    const verdict = await verify(password, stored);
    await setPassword(db, app.context, person.userId, hash);
    return verdict;
  });
  const late = new Browser(app);
  try {
    assert.equal((await login(late, person)).status, 401);
  } finally {
    changing.mock.restore();
  }
  assert.ok(!(await isSignedIn(late)));
  assert.equal(await db.selectFrom('sessions').select('id').where('user_id', '=', person.userId).executeTakeFirst(), undefined);
  assert.equal((await login(new Browser(app), { ...person, password: newPassword })).status, 200);
});

attack('Q456', 'a password that must be changed opens nothing but its change and the way out', async () => {
  const person = await makePerson(app);
  await demandChange(db, person.userId);
  const browser = new Browser(app);
  assert.deepEqual((await login(browser, person)).json(), { state: 'password-change' });
  const { inventory } = app.context.routing;
  const guarded = inventory.filter(({ access, credential = 'session' }) => access !== 'public' && access !== 'internal' && credential === 'session');
  assert.ok(guarded.length > 5);
  const open: string[] = [];
  for (const { method, fullPath } of guarded) {
    const probe = browser.copy();
    const answer = await probe.send(method, fullPath.replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000'));
    if (answer.status === 403 && answer.json()['code'] === 'password_change_required') continue;
    open.push(`${method} ${fullPath}`);
    if (/\/(?:logout|sign-out)$/.test(fullPath)) assert.equal((await login(browser, person)).status, 200);
  }
  for (const needed of ['POST /auth/logout', 'POST /auth/password/change']) assert.ok(open.includes(needed), needed);
  // Pages may lead to the same two; nothing else is open.
  for (const route of open) assert.match(route, /^(?:POST \/(?:auth\/logout|sign-out)|(?:GET|POST) \/(?:auth|account)\/password(?:\/change)?)$/);
  const own = new Browser(app);
  await login(own, person);
  assert.equal((await change(own, person.password)).status, 204);
  assert.ok(await isSignedIn(own));
  assert.deepEqual((await login(new Browser(app), { ...person, password: newPassword })).json(), { state: 'signed-in' });
  assert.notEqual(newPassword, goodPassword);
});
