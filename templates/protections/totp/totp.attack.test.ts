import assert from 'node:assert/strict';
import Type from 'typebox';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { open, seal } from '#src/protections/encryption/seal.ts';
import { sealedColumns } from '#src/protections/encryption/sealed-columns.ts';
import { signIn } from '#src/protections/sessions/sign-in.ts';
import { deleteAbandoned } from '#src/protections/totp/secrets.ts';
import { closed } from '#src/protections/validation/core.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { pathWith } from '#tests/support/access-control/matrix.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';
import { mailsOf } from '#tests/support/mailer.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { ageAttempts, ageProof, makeUser, signedIn } from '#tests/support/sessions/people.ts';
import { beginEnrolment, codeAt, enrolled, recoveryCodesIn, waiting, wrongCode } from '#tests/support/totp/authenticator-app.ts';

/** Stands for a password: believes whoever names a user. One factor. */
const firstFactor = defineModule({
  id: 'first-factor-fixture',
  prefix: '/fixture',
  routes: [
    route(
      {
        method: 'POST',
        path: '/sign-in',
        access: 'public',
        signsIn: 'fixture',
        input: { body: closed({ userId: Type.String() }) },
        output: closed({ outcome: Type.String() }),
        summary: 'Signs in',
      },
      async (given) => ok({ outcome: await signIn(given, { userId: given.input.body.userId, way: 'fixture', factors: 'one' }) }),
    ),
  ],
});

const app = await startApp({ modules: [firstFactor] });
/** The same app in another process, as far as the database can tell. */
const other = await startApp({ clock: app.clock });
const { query } = app.context.services.db;

const signInAs = async (userId: string): Promise<unknown> => (await new Browser(app).post('/fixture/sign-in', { userId })).json()['outcome'];
const verify = (browser: Browser, code: string) => browser.post('/auth/totp/verify', { code });
const recover = (browser: Browser, code: string) => browser.post('/auth/totp/recovery', { code });
/** The statuses of answers that came in any order. */
const statusesOf = (answers: readonly { readonly status: number }[]): number[] => answers.map(({ status }) => status).toSorted((a, b) => a - b);

const isIn = async (browser: Browser): Promise<boolean> => (await browser.get('/api/v1/me')).status === 200;

const secretsOf = (userId: string) =>
  query.selectFrom('totp_secrets').select(['id', 'secret', 'confirmed_at', 'last_step']).where('user_id', '=', userId).execute();

const eventsOf = async (userId: string): Promise<string[]> => {
  const rows = await query.selectFrom('security_events').select('type').where('user_id', '=', userId).orderBy('id').execute();
  return rows.map(({ type }) => type);
};

/** The subjects of the mails that a user got. */
const mailsTo = async (email: string): Promise<string[]> => {
  await drainJobs(app);
  return mailsOf(app)
    .filter(({ to }) => to === email)
    .map(({ subject }) => subject);
};

benign('somebody turns it on with their app, and finishes a sign-in with a code', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  const answer = await browser.post('/auth/totp/enrolment');
  const { secret, uri, qr } = answer.json();
  assert.match(String(secret), /^[A-Z2-7]{32}$/);
  assert.match(String(uri), new RegExp(`^otpauth://totp/app\\.test:${encodeURIComponent(user.email)}\\?secret=${String(secret)}&issuer=app\\.test$`));
  assert.match(String(qr), /^<svg [^>]*viewBox/);
  assert.doesNotMatch(String(qr), /script|style|href/);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.deepEqual((await browser.get('/auth/totp')).json(), { enabled: false, recoveryCodesLeft: 0 });

  const confirmed = await browser.post('/auth/totp/enrolment/confirm', { code: codeAt(String(secret), app.clock.now()) });
  assert.equal(confirmed.headers['cache-control'], 'no-store');
  assert.equal(new Set(recoveryCodesIn(confirmed)).size, 10);
  const since = new Date(app.clock.now()).toISOString();
  assert.deepEqual((await browser.get('/auth/totp')).json(), { enabled: true, since, recoveryCodesLeft: 10 });

  app.clock.advance(60_000);
  const later = await waiting(app, { user });
  const code = codeAt(String(secret), app.clock.now());
  assert.equal((await verify(later, `${code.slice(0, 3)} ${code.slice(3)}`)).status, 204);
  assert.equal(await isIn(later), true);
});

benign('a phone whose clock is half a minute off: its codes are taken', async () => {
  const person = await enrolled(app);
  for (const offset of [-30_000, 30_000]) {
    app.clock.advance(120_000);
    assert.equal((await verify(await waiting(app, person), codeAt(person.secret, app.clock.now() + offset))).status, 204, String(offset));
  }
});

benign('a recovery code instead of a code, however it is typed', async () => {
  const person = await enrolled(app);
  const [first = '', second = '', third = ''] = person.recoveryCodes;
  for (const typed of [first, second.toLowerCase().replaceAll('-', ' '), third.replaceAll('-', '').replaceAll('O', '0')]) {
    const browser = await waiting(app, person);
    assert.equal((await recover(browser, typed)).status, 204, typed);
    assert.equal(await isIn(browser), true);
  }
  assert.equal((await person.browser.get('/auth/totp')).json()['recoveryCodesLeft'], 7);
});

benign('a code is a fresh proof', async () => {
  const person = await enrolled(app);
  await ageProof(app, person.user.id);
  assert.equal((await person.browser.post('/auth/totp/step-up', { code: person.code() })).status, 204);
  assert.equal((await person.browser.post('/auth/totp/recovery-codes')).status, 200);
});

benign('the phone is replaced, and later two-step sign-in is turned off', async () => {
  const person = await enrolled(app);
  const next = await beginEnrolment(person.browser);
  const answer = await person.browser.post('/auth/totp/enrolment/confirm', { code: codeAt(next, app.clock.now()) });
  assert.equal(answer.status, 200);
  app.clock.advance(60_000);
  assert.equal((await verify(await waiting(app, person), codeAt(next, app.clock.now()))).status, 204);
  assert.equal((await person.browser.delete('/auth/totp')).status, 204);
  assert.deepEqual((await person.browser.get('/auth/totp')).json(), { enabled: false, recoveryCodesLeft: 0 });
  assert.equal(await signInAs(person.user.id), 'signed-in');
});

benign('the key is rotated: secrets are found and sealed anew, the phone goes on', async () => {
  const person = await enrolled(app);
  const column = sealedColumns(app.context).inTables().find(({ table }) => table === 'totp_secrets');
  assert.equal(column?.row, 'id');
  for (const { id, secret } of await secretsOf(person.user.id)) {
    const place = { ...column, row: id };
    const fresh = seal(app.context, place, open(app.context, place, secret));
    assert.notEqual(fresh, secret);
    await query.updateTable('totp_secrets').set({ secret: fresh }).where('id', '=', id).execute();
  }
  assert.equal((await verify(await waiting(app, person), person.code())).status, 204);
});

benign('a setup that was given up is forgotten; what is in use stays', async () => {
  const person = await enrolled(app);
  const user = await makeUser(app);
  for (const browser of [await signedIn(app, user), person.browser]) await beginEnrolment(browser);
  const long = new Date(app.clock.now() - 90_000_000);
  await query.updateTable('totp_secrets').set({ created_at: long }).where('user_id', 'in', [user.id, person.user.id]).execute();
  await deleteAbandoned(query, app.context);
  assert.deepEqual([await secretsOf(user.id), (await secretsOf(person.user.id)).length], [[], 1]);
  assert.equal((await verify(await waiting(app, person), person.code())).status, 204);
});

attack('Q442', 'the first factor alone: the session may do nothing but finish the sign-in', async () => {
  const person = await enrolled(app);
  const thief = new Browser(app);
  assert.deepEqual((await thief.post('/fixture/sign-in', { userId: person.user.id })).json(), { outcome: 'second-factor' });
  const others = app.context.routing.inventory.filter(
    ({ access, admits, credential = 'session' }) => access === 'user' && credential === 'session' && admits?.includes('second-factor') !== true,
  );
  assert.ok(others.length > 10);
  for (const policy of others) {
    const answer = await thief.send(policy.method, pathWith(policy));
    assert.equal(answer.status, 403, `${policy.method} ${policy.fullPath}`);
    assert.equal(answer.json()['code'], 'second_factor_required');
  }
  assert.equal((await person.browser.get('/auth/totp')).json()['enabled'], true);
  assert.equal((await verify(thief, person.code())).status, 204);
  assert.equal(await isIn(thief), true);
});

attack('Q442', 'a link or an image to the setup: nothing is there that GET can do', async () => {
  const person = await enrolled(app);
  const before = await secretsOf(person.user.id);
  for (const path of ['/enrolment', '/enrolment/confirm', '/verify', '/recovery', '/step-up', '/recovery-codes']) {
    for (const method of ['GET', 'HEAD']) {
      const { status } = await person.browser.send(method, `/auth/totp${path}`);
      assert.ok(status === 404 || status === 405, `${method} ${path}: ${status}`);
    }
  }
  assert.deepEqual(await secretsOf(person.user.id), before);
  assert.equal((await verify(await waiting(app, person), person.code())).status, 204);
});

attack('Q442', 'a setup that was begun and not confirmed counts for nothing', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  const secret = await beginEnrolment(browser);
  assert.equal(await signInAs(user.id), 'signed-in');
  assert.equal((await browser.get('/auth/totp')).json()['enabled'], false);
  assert.equal((await verify(await waiting(app, { user }), codeAt(secret, app.clock.now()))).status, 401);
  assert.equal((await browser.post('/auth/totp/recovery-codes')).status, 409);
  assert.equal((await browser.post('/auth/totp/enrolment/confirm', { code: codeAt(secret, app.clock.now()) })).status, 200);
  assert.equal(await signInAs(user.id), 'second-factor');
});

attack('Q442', 'a setup that is begun while it is on leaves the phone in use alone', async () => {
  const person = await enrolled(app);
  const next = await beginEnrolment(person.browser);
  assert.equal((await verify(await waiting(app, person), codeAt(next, app.clock.now()))).status, 401);
  assert.equal((await verify(await waiting(app, person), person.code())).status, 204);
});

attack('Q442', 'a wrong code, or one after a quarter of an hour, confirms nothing', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  const confirm = (code: string) => browser.post('/auth/totp/enrolment/confirm', { code });
  const secret = await beginEnrolment(browser);
  for (const code of [wrongCode(secret, app.clock.now()), codeAt(secret, app.clock.now() - 90_000)]) assert.equal((await confirm(code)).status, 422);
  assert.equal((await confirm('12345x')).status, 422);
  app.clock.advance(16 * 60_000);
  assert.equal((await confirm(codeAt(secret, app.clock.now()))).status, 409);
  assert.equal((await browser.get('/auth/totp')).json()['enabled'], false);
  const again = await beginEnrolment(browser);
  assert.notEqual(again, secret);
  assert.equal((await confirm(codeAt(secret, app.clock.now()))).status, 422);
  assert.equal((await confirm(codeAt(again, app.clock.now()))).status, 200);
  assert.equal((await confirm(codeAt(again, app.clock.now()))).status, 409);
});

attack('Q442', 'one code twice, and a code from before the last one', async () => {
  const person = await enrolled(app);
  const older = codeAt(person.secret, app.clock.now() - 30_000);
  const code = person.code();
  assert.equal((await verify(await waiting(app, person), code)).status, 204);
  for (const used of [code, older]) {
    const thief = await waiting(app, person);
    assert.equal((await verify(thief, used)).status, 401);
    assert.equal(await isIn(thief), false);
    assert.equal((await person.browser.post('/auth/totp/step-up', { code: used })).status, 401);
  }
  app.clock.advance(30_000);
  assert.equal((await verify(await waiting(app, person), person.code())).status, 204);
});

attack('Q442', 'the code that turned it on does not sign in too', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  const code = codeAt(await beginEnrolment(browser), app.clock.now());
  assert.equal((await browser.post('/auth/totp/enrolment/confirm', { code })).status, 200);
  assert.equal((await verify(await waiting(app, { user }), code)).status, 401);
});

attack('Q442', 'one code at the same time from many browsers, in two processes: one gets in', async () => {
  const person = await enrolled(app);
  const browsers = await Promise.all([app, other, app, other].map((instance) => waiting(instance, person)));
  for (const browser of browsers) await browser.csrfToken();
  const answers = await Promise.all(browsers.map((browser) => verify(browser, person.code())));
  assert.deepEqual(statusesOf(answers), [204, 401, 401, 401]);
  app.clock.advance(30_000);
  assert.equal((await verify(await waiting(other, person), person.code())).status, 204);
  assert.equal((await verify(await waiting(app, person), person.code())).status, 401);
});

attack('Q442', 'six wrong codes, then the right one: too many, and the owner is told', async () => {
  const person = await enrolled(app);
  const thief = await waiting(app, person);
  for (let round = 0; round < 6; round += 1) {
    const { status } = await verify(thief, wrongCode(person.secret, app.clock.now()));
    assert.ok(status === 401 || status === 429, String(status));
  }
  const answer = await verify(thief, person.code());
  assert.equal(answer.status, 429);
  assert.ok(Number(answer.headers['retry-after']) > 0);
  assert.equal(await isIn(thief), false);
  // Another browser, another address, another process: it is the account that is guarded.
  for (const instance of [app, other]) assert.equal((await verify(await waiting(instance, person), person.code())).status, 429);
  assert.equal((await eventsOf(person.user.id)).filter((type) => type === 'totp.refused').length, 5);
  assert.deepEqual((await mailsTo(person.user.email)).slice(1), ['Somebody tries codes for your account']);
  // The owner is not locked out: a recovery code is taken now, a code after a while.
  assert.equal((await recover(await waiting(app, person), person.recoveryCodes[0] ?? '')).status, 204);
  await ageAttempts(app, 61, [`totp:code:${person.user.id}`]);
  assert.equal((await verify(await waiting(app, person), person.code())).status, 204);
});

attack('Q442', 'wrong recovery codes are counted as well', async () => {
  const person = await enrolled(app);
  const thief = await waiting(app, person);
  const guesses = Array.from({ length: 6 }, () => recover(thief, 'AAAA-AAAA-AAAA-AAAA-AAAA-AAAA'));
  await Promise.all(guesses);
  assert.equal((await recover(thief, person.recoveryCodes[0] ?? '')).status, 429);
  assert.equal((await verify(await waiting(app, person), person.code())).status, 204);
});

attack('Q442', 'what stands in the database gives neither codes nor recovery codes', async () => {
  const person = await enrolled(app);
  await beginEnrolment(person.browser);
  const secrets = await secretsOf(person.user.id);
  const codes = await query.selectFrom('totp_recovery_codes').select('digest').where('user_id', '=', person.user.id).execute();
  assert.deepEqual([secrets.length, codes.length], [2, 10]);
  const texts = secrets.flatMap(({ secret }) => [secret, Buffer.from(secret.split('.').at(-1) ?? '', 'base64url').toString('latin1')]);
  for (const text of texts) {
    assert.ok(!text.includes(person.secret));
    assert.doesNotMatch(text, /[A-Z2-7]{32}/);
  }
  const digests = codes.map(({ digest }) => digest.toString('latin1')).join('\n');
  for (const code of person.recoveryCodes) assert.ok(!digests.includes(code.replaceAll('-', '')), code);
  const jobs = await query.selectFrom('jobs').select('payload').execute();
  assert.ok(!JSON.stringify(jobs).includes(person.secret));
  assert.ok(!app.log.text.includes(person.secret));
  assert.equal((await verify(await waiting(app, person), person.code())).status, 204);
});

attack('Q442', 'a recovery code twice, at the same time, of somebody else, or of the set before', async () => {
  const [person, stranger] = [await enrolled(app), await enrolled(app)];
  const [first = '', second = '', third = ''] = person.recoveryCodes;
  assert.equal((await recover(await waiting(app, person), first)).status, 204);
  const thief = await waiting(app, person);
  assert.equal((await recover(thief, first)).status, 401);
  assert.equal(await isIn(thief), false);
  assert.equal((await recover(await waiting(app, stranger), second)).status, 401);

  const browsers = await Promise.all([app, other, app].map((instance) => waiting(instance, person)));
  for (const browser of browsers) await browser.csrfToken();
  const answers = await Promise.all(browsers.map((browser) => recover(browser, second)));
  assert.deepEqual(statusesOf(answers), [204, 401, 401]);

  const renewed = recoveryCodesIn(await person.browser.post('/auth/totp/recovery-codes'));
  assert.equal((await recover(await waiting(app, person), third)).status, 401);
  assert.equal((await recover(await waiting(app, person), renewed[0] ?? '')).status, 204);
});

attack('Q442', 'a stolen session turns nothing on or off: that takes a fresh proof', async () => {
  const person = await enrolled(app);
  const pending = await beginEnrolment(person.browser);
  await ageProof(app, person.user.id);
  const thief = person.browser.copy();
  const tries = [
    () => thief.post('/auth/totp/enrolment'),
    () => thief.post('/auth/totp/enrolment/confirm', { code: codeAt(pending, app.clock.now()) }),
    () => thief.post('/auth/totp/recovery-codes'),
    () => thief.delete('/auth/totp'),
  ];
  for (const attempt of tries) {
    const answer = await attempt();
    assert.equal(answer.status, 403);
    assert.equal(answer.json()['code'], 'step_up_required');
  }
  assert.equal(await signInAs(person.user.id), 'second-factor');
  assert.equal((await person.browser.post('/auth/totp/step-up', { code: person.code() })).status, 204);
  assert.equal((await person.browser.delete('/auth/totp')).status, 204);
  assert.equal(await signInAs(person.user.id), 'signed-in');
});

attack('Q442', 'the time that the client claims is not asked for', async () => {
  const person = await enrolled(app);
  const then = app.clock.now() - 600_000;
  const old = codeAt(person.secret, then);
  const headers = { date: new Date(then).toUTCString(), 'x-time': String(then), 'x-timestamp': String(then) };
  for (const claims of [{}, { time: then }, { timestamp: then }, { epoch: then / 1000 }]) {
    const thief = await waiting(app, person);
    const { status } = await thief.post('/auth/totp/verify', { code: old, ...claims }, { headers });
    assert.ok(status === 401 || status === 422, String(status));
    assert.equal(await isIn(thief), false);
  }
  assert.equal((await (await waiting(app, person)).post('/auth/totp/verify', { code: person.code() }, { headers })).status, 204);
});

attack('Q442', 'a session from before two-step sign-in ends when it is turned on', async () => {
  const user = await makeUser(app);
  const [thief, browser] = [await signedIn(app, user), await signedIn(app, user)];
  const cookieBefore = browser.session;
  const secret = await beginEnrolment(browser);
  assert.equal(await isIn(thief), true);
  assert.equal((await browser.post('/auth/totp/enrolment/confirm', { code: codeAt(secret, app.clock.now()) })).status, 200);
  assert.equal(await isIn(thief), false);
  assert.equal(await isIn(browser), true);
  assert.notEqual(browser.session, cookieBefore);
});

attack('Q442', 'every change is kept and mailed: none goes unnoticed', async () => {
  const person = await enrolled(app);
  await person.browser.post('/auth/totp/recovery-codes');
  const used = await waiting(app, person);
  const [code = ''] = recoveryCodesIn(await person.browser.post('/auth/totp/recovery-codes'));
  assert.equal((await recover(used, code)).status, 204);
  assert.equal((await person.browser.delete('/auth/totp')).status, 204);
  assert.equal((await person.browser.delete('/auth/totp')).status, 204);
  const events = (await eventsOf(person.user.id)).filter((type) => type.startsWith('totp.'));
  assert.deepEqual(events, [
    'totp.enabled',
    'totp.recovery-codes-renewed',
    'totp.recovery-codes-renewed',
    'totp.recovery-code-used',
    'totp.disabled',
  ]);
  assert.deepEqual(await mailsTo(person.user.email), [
    'Two-step sign-in is on',
    'You have new recovery codes',
    'You have new recovery codes',
    'A recovery code was used',
    'Two-step sign-in is off',
  ]);
});
