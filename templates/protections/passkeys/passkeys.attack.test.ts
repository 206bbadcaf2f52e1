import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setImmediate as tick } from 'node:timers/promises';
import { deleteOldChallenges } from '#src/protections/passkeys/challenges.ts';
import { factorsOf } from '#src/protections/sessions/factors.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';
import { mailsOf } from '#tests/support/mailer.ts';
import { type Tricks, newKeyPair } from '#tests/support/passkeys/authenticator.ts';
import { type Owner, authenticatorOf, optionsIn, owner, register, signInWith, stepUpWith } from '#tests/support/passkeys/ceremonies.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { ageAttempts, ageProof, makeUser, signedIn } from '#tests/support/sessions/people.ts';

const app = await startApp();
/** The same app in another process, as far as the database can tell. */
const elsewhere = await startApp({ clock: app.clock });
const { query } = app.context.services.db;

/** Users who have something else to sign in with, and users who are asked for a second factor. */
const withAnotherWay = new Set<string>();
const withSecondFactor = new Set<string>();
factorsOf(app.context).credentials.push({ id: 'fixture', count: async (_db, userId) => (withAnotherWay.has(userId) ? 1 : 0) });
factorsOf(app.context).secondFactors.push({ id: 'fixture', isEnrolled: async (_db, userId) => withSecondFactor.has(userId) });

/** The statuses of answers that came in any order. */
const statusesOf = (answers: readonly { readonly status: number }[]): number[] => answers.map(({ status }) => status).toSorted((a, b) => a - b);

const isIn = async (browser: Browser): Promise<boolean> => (await browser.get('/api/v1/me')).status === 200;
const isRefused = (status: number): boolean => status >= 400 && status < 500;

const passkeysOf = (userId: string) =>
  query
    .selectFrom('passkeys')
    .select(['id', 'name', 'public_key', 'counter', 'transports', 'device_type', 'backed_up'])
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .execute();

const eventsOf = async (userId: string): Promise<string[]> => {
  const rows = await query.selectFrom('security_events').select('type').where('user_id', '=', userId).orderBy('id').execute();
  return rows.map(({ type }) => type);
};

/** The subjects of the mails that a user got. */
const mailsTo = async ({ user }: Owner): Promise<string[]> => {
  await drainJobs(app);
  return mailsOf(app)
    .filter(({ to }) => to === user.email)
    .map(({ subject }) => subject);
};

/** Somebody who signs in with `tricks` does not get in; right behind it they do, without. */
const assertRefused = async (person: Owner, tricks: Tricks, name: string): Promise<void> => {
  const thief = new Browser(app);
  const answer = await signInWith(thief, person.authenticator, tricks);
  assert.ok(isRefused(answer.status), `${name}: ${answer.status}`);
  assert.equal(thief.session, undefined, name);
  assert.equal(await isIn(thief), false, name);
  assert.equal((await signInWith(new Browser(app), person.authenticator)).status, 204, `after ${name}`);
};

benign('somebody adds a passkey and signs in with it, with nothing else', async () => {
  const person = await owner(app);
  const browser = new Browser(app);
  assert.equal((await signInWith(browser, person.authenticator)).status, 204);
  assert.equal((await browser.get('/api/v1/me')).json()['id'], person.user.id);
  const [passkey] = await passkeysOf(person.user.id);
  assert.deepEqual([passkey?.counter, passkey?.device_type, passkey?.backed_up], ['2', 'singleDevice', false]);
  assert.deepEqual(passkey?.transports, ['internal', 'hybrid']);
});

benign('a passkey that is synchronised and does not count: again and again', async () => {
  const synced = { synced: true, counter: 0 };
  const person = await owner(app, synced);
  for (const browser of [new Browser(app), new Browser(app)]) assert.equal((await signInWith(browser, person.authenticator, synced)).status, 204);
  assert.match((await person.browser.get('/auth/passkeys')).text, /"synced":true/);
});

benign('passkeys are listed, renamed and removed; several live side by side', async () => {
  const person = await owner(app);
  const second = authenticatorOf(app);
  assert.equal((await register(person.browser, second)).status, 201);
  const { items }: { items?: { id: string; name: string }[] } = (await person.browser.get('/auth/passkeys')).json();
  assert.deepEqual(items?.map(({ name }) => name), ['Phone', 'Phone']);
  assert.equal((await person.browser.patch(`/auth/passkeys/${person.id}`, { name: 'Old phone' })).json()['name'], 'Old phone');
  assert.equal((await person.browser.delete(`/auth/passkeys/${person.id}`)).status, 204);
  assert.equal((await signInWith(new Browser(app), second)).status, 204);
  assert.equal((await signInWith(new Browser(app), person.authenticator)).status, 401);
});

benign('a passkey is a fresh proof, and proves both factors at once', async () => {
  const person = await owner(app);
  await ageProof(app, person.user.id);
  assert.equal((await stepUpWith(person.browser, person.authenticator, { userHandle: null })).status, 204);
  assert.equal((await register(person.browser, authenticatorOf(app))).status, 201);
  withSecondFactor.add(person.user.id);
  const browser = new Browser(app);
  assert.equal((await signInWith(browser, person.authenticator)).status, 204);
  assert.equal(await isIn(browser), true);
});

benign('the options of a ceremony name this app, ask for the user, and offer only algorithms that are known', async () => {
  const person = await owner(app);
  const creation = (await person.browser.post('/auth/passkeys/registration/options')).json();
  assert.deepEqual(creation['rp'], { id: 'app.test', name: 'app.test' });
  assert.deepEqual(creation['pubKeyCredParams'], [-8, -7, -257].map((alg) => ({ alg, type: 'public-key' })));
  assert.deepEqual(creation['authenticatorSelection'], { residentKey: 'required', requireResidentKey: true, userVerification: 'required' });
  assert.equal(creation['attestation'], 'none');
  assert.match(JSON.stringify(creation['excludeCredentials']), new RegExp(person.authenticator.credentialId));
  const request = (await new Browser(app).post('/auth/passkeys/sign-in/options')).json();
  assert.deepEqual([request['rpId'], request['userVerification'], request['allowCredentials']], ['app.test', 'required', []]);
});

attack('Q454', 'a ceremony on another origin, for another host, or without the user: no session', async () => {
  const person = await owner(app);
  const tricks: Record<string, Tricks> = {
    'another origin': { origin: 'https://evil.test' },
    'another scheme': { origin: 'https://app.test' },
    'another port': { origin: 'http://app.test:8080' },
    'a subdomain': { origin: 'http://login.app.test' },
    'a longer name': { origin: 'http://app.test.evil.test' },
    'no origin': { origin: 'null' },
    'another host': { rpId: 'evil.test' },
    'the domain above': { rpId: 'test' },
    'no PIN and no finger': { unverified: true },
    'nobody there': { absent: true },
    'a frame of another site': { crossOrigin: true },
    'the other kind of ceremony': { type: 'webauthn.create' },
  };
  for (const [name, trick] of Object.entries(tricks)) {
    await ageAttempts(app, 3601, [`passkey:${person.id}`]);
    await assertRefused(person, trick, name);
  }
});

attack('Q454', 'the same when a passkey is added: nothing is kept', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  const tricks: Tricks[] = [
    { origin: 'https://evil.test' },
    { origin: 'http://login.app.test' },
    { rpId: 'evil.test' },
    { unverified: true },
    { absent: true },
    { crossOrigin: true },
    { type: 'webauthn.get' },
    { challenge: randomBytes(32).toString('base64url') },
  ];
  for (const trick of tricks) {
    const answer = await register(browser, authenticatorOf(app), trick);
    assert.ok(isRefused(answer.status), JSON.stringify(trick));
    assert.deepEqual(await passkeysOf(user.id), [], JSON.stringify(trick));
  }
  assert.equal((await register(browser, authenticatorOf(app))).status, 201);
});

attack('Q454', 'a challenge is used twice, one after the other, and at the same time in two processes', async () => {
  const { authenticator } = await owner(app);
  const browser = new Browser(app);
  const options = optionsIn(await browser.post('/auth/passkeys/sign-in/options'));
  const thief = browser.copy();
  const credential = authenticator.get(options);
  assert.equal((await browser.post('/auth/passkeys/sign-in', { credential })).status, 204);
  for (const again of [credential, authenticator.get(options)]) {
    assert.equal((await thief.post('/auth/passkeys/sign-in', { credential: again })).status, 401);
    assert.equal(thief.session, undefined);
  }
  const begun = new Browser(app);
  const shared = optionsIn(await begun.post('/auth/passkeys/sign-in/options'));
  const copies = [app, elsewhere, elsewhere].map((instance) => new Browser(instance));
  for (const copy of copies) copy.setCookie('pre', begun.cookie('pre') ?? '');
  for (const copy of copies) await copy.csrfToken();
  const answers = await Promise.all(copies.map((copy) => copy.post('/auth/passkeys/sign-in', { credential: authenticator.get(shared) })));
  assert.deepEqual(statusesOf(answers), [204, 401, 401]);
});

attack('Q454', 'a refused ceremony uses its challenge up', async () => {
  const { authenticator } = await owner(app);
  const browser = new Browser(app);
  const options = optionsIn(await browser.post('/auth/passkeys/sign-in/options'));
  assert.equal((await browser.post('/auth/passkeys/sign-in', { credential: authenticator.get(options, { unverified: true }) })).status, 401);
  assert.equal((await browser.post('/auth/passkeys/sign-in', { credential: authenticator.get(options) })).status, 401);
  assert.equal((await signInWith(browser, authenticator)).status, 204);
});

attack('Q454', 'a challenge of another browser, of another session, of another ceremony, or of nobody', async () => {
  const person = await owner(app);
  const { authenticator } = person;
  const signInBy = (browser: Browser, challenge: string) => browser.post('/auth/passkeys/sign-in', { credential: authenticator.get({ challenge }) });

  // The attacker begins the ceremony and has the victim end it, or the other way round.
  const [victim, attacker] = [new Browser(app), new Browser(app)];
  const begun = optionsIn(await attacker.post('/auth/passkeys/sign-in/options'));
  assert.equal((await signInBy(victim, begun.challenge)).status, 401);
  assert.equal((await signInBy(victim, randomBytes(32).toString('base64url'))).status, 401);
  assert.equal(victim.session, undefined);
  assert.equal((await signInBy(attacker, begun.challenge)).status, 204);

  const registration = optionsIn(await person.browser.post('/auth/passkeys/registration/options'));
  assert.equal((await signInBy(person.browser, registration.challenge)).status, 401);
  const signIn = optionsIn(await person.browser.post('/auth/passkeys/sign-in/options'));
  assert.equal((await person.browser.post('/auth/passkeys/step-up', { credential: authenticator.get(signIn) })).status, 401);
  const stepUp = optionsIn(await person.browser.post('/auth/passkeys/step-up/options'));
  const made = authenticatorOf(app).create({ ...registration, challenge: stepUp.challenge });
  assert.equal((await person.browser.post('/auth/passkeys/registration', { credential: made })).status, 422);

  const second = await signedIn(app, person.user);
  const foreign = authenticatorOf(app).create(registration);
  assert.equal((await second.post('/auth/passkeys/registration', { credential: foreign })).status, 422);
  assert.equal((await passkeysOf(person.user.id)).length, 1);
  assert.equal((await person.browser.post('/auth/passkeys/registration', { credential: foreign })).status, 201);
});

attack('Q454', 'a challenge from more than five minutes ago', async () => {
  const { authenticator } = await owner(app);
  const browser = new Browser(app);
  const late = optionsIn(await browser.post('/auth/passkeys/sign-in/options'));
  app.clock.advance(5 * 60_000);
  assert.equal((await browser.post('/auth/passkeys/sign-in', { credential: authenticator.get(late) })).status, 401);
  const inTime = optionsIn(await browser.post('/auth/passkeys/sign-in/options'));
  app.clock.advance(5 * 60_000 - 1);
  assert.equal((await browser.post('/auth/passkeys/sign-in', { credential: authenticator.get(inTime) })).status, 204);
});

attack('Q454', 'what is kept of a challenge signs nobody in', async () => {
  const { challenge } = optionsIn(await new Browser(app).post('/auth/passkeys/sign-in/options'));
  const rows = await query.selectFrom('passkey_challenges').select('digest').execute();
  assert.ok(rows.length > 0);
  assert.ok(!rows.some(({ digest }) => digest.equals(Buffer.from(challenge, 'base64url'))));
  assert.ok(!app.log.text.includes(challenge));
});

attack('Q454', 'a signature by another key', async () => {
  const person = await owner(app);
  await assertRefused(person, { signedBy: newKeyPair().privateKey }, 'another key');
  const other = await owner(app);
  await assertRefused(person, { signedBy: other.authenticator.keys.privateKey }, 'the key of somebody else');
});

attack('Q454', 'the authenticator names another user than the one whose passkey it is', async () => {
  const [person, other] = [await owner(app), await owner(app)];
  const handle = Buffer.from(other.user.id.replaceAll('-', ''), 'hex').toString('base64url');
  await assertRefused(person, { userHandle: handle }, 'somebody else');
  await assertRefused(person, { userHandle: null }, 'nobody');
});

attack('Q454', 'a passkey of somebody else as a fresh proof', async () => {
  const [person, other] = [await owner(app), await owner(app)];
  await ageProof(app, person.user.id);
  for (const tricks of [{}, { userHandle: null }]) assert.equal((await stepUpWith(person.browser, other.authenticator, tricks)).status, 401);
  assert.equal((await person.browser.delete(`/auth/passkeys/${person.id}`)).status, 403);
  assert.equal((await stepUpWith(person.browser, person.authenticator)).status, 204);
});

attack('Q454', 'the id of a passkey that somebody else has: it stays theirs', async () => {
  const person = await owner(app);
  const thief = await owner(app);
  const answer = await register(thief.browser, thief.authenticator, { id: person.authenticator.id });
  assert.equal(answer.status, 409);
  assert.equal((await passkeysOf(thief.user.id)).length, 1);
  const browser = new Browser(app);
  assert.equal((await signInWith(browser, person.authenticator)).status, 204);
  assert.equal((await browser.get('/api/v1/me')).json()['id'], person.user.id);
  assert.equal((await register(person.browser, authenticatorOf(app))).status, 201);
});

attack('Q454', 'a counter that stands still or goes back: refused, kept and mailed', async () => {
  const person = await owner(app, { counter: 40 });
  assert.equal((await signInWith(new Browser(app), person.authenticator, { counter: 41 })).status, 204);
  for (const counter of [41, 7, 0]) {
    const thief = new Browser(app);
    assert.equal((await signInWith(thief, person.authenticator, { counter })).status, 401, String(counter));
    assert.equal(await isIn(thief), false);
  }
  assert.equal((await eventsOf(person.user.id)).filter((type) => type === 'passkey.copied').length, 3);
  assert.deepEqual(await mailsTo(person), ['A passkey was added to your account', ...[1, 2, 3].map(() => 'A sign-in with your passkey was refused')]);
  assert.equal((await passkeysOf(person.user.id))[0]?.counter, '41');
  assert.equal((await signInWith(new Browser(app), person.authenticator, { counter: 42 })).status, 204);
});

attack('Q454', 'who does not hold the key raises no alarm by a lower counter', async () => {
  const person = await owner(app, { counter: 40 });
  const forged = { counter: 1, signedBy: newKeyPair().privateKey };
  assert.equal((await signInWith(new Browser(app), person.authenticator, forged)).status, 401);
  assert.ok(!(await eventsOf(person.user.id)).includes('passkey.copied'));
  assert.equal((await signInWith(new Browser(app), person.authenticator, { counter: 41 })).status, 204);
});

attack('Q454', 'a passkey of one device that says it is synchronised now', async () => {
  await assertRefused(await owner(app), { synced: true }, 'another kind of passkey');
});

attack('Q454', 'a public key beside the attestation: the attested one counts', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  const authenticator = authenticatorOf(app);
  const mine = newKeyPair();
  const options = optionsIn(await browser.post('/auth/passkeys/registration/options'));
  const credential = authenticator.create(options, { publicKey: mine.cose.toString('base64url') });
  const beside = { publicKey: mine.cose.toString('base64url') };
  assert.equal((await browser.post('/auth/passkeys/registration', { credential, ...beside })).status, 422);
  assert.deepEqual(await passkeysOf(user.id), []);
  assert.equal((await browser.post('/auth/passkeys/registration', { credential })).status, 201);
  const [kept] = await passkeysOf(user.id);
  assert.deepEqual(kept?.public_key, authenticator.keys.cose);
  assert.equal((await signInWith(new Browser(app), authenticator, { signedBy: mine.privateKey })).status, 401);
  assert.equal((await signInWith(new Browser(app), authenticator)).status, 204);
});

attack('Q454', 'a stolen session adds and removes no passkey: that takes a fresh proof', async () => {
  const person = await owner(app);
  withAnotherWay.add(person.user.id);
  const begun = optionsIn(await person.browser.post('/auth/passkeys/registration/options'));
  await ageProof(app, person.user.id);
  const thief = person.browser.copy();
  const tries = [
    () => thief.post('/auth/passkeys/registration/options'),
    () => thief.post('/auth/passkeys/registration', { credential: authenticatorOf(app).create(begun) }),
    () => thief.delete(`/auth/passkeys/${person.id}`),
  ];
  for (const attempt of tries) {
    const answer = await attempt();
    assert.equal(answer.status, 403);
    assert.equal(answer.json()['code'], 'step_up_required');
  }
  assert.equal((await passkeysOf(person.user.id)).length, 1);
  assert.equal((await stepUpWith(person.browser, person.authenticator)).status, 204);
  assert.equal((await person.browser.delete(`/auth/passkeys/${person.id}`)).status, 204);
});

attack('Q454', 'the last way to sign in is not removed, not even by two requests at once', async () => {
  const person = await owner(app);
  const refused = await person.browser.delete(`/auth/passkeys/${person.id}`);
  assert.equal(refused.status, 409);
  assert.equal(refused.json()['code'], 'last_way_to_sign_in');
  const second = await register(person.browser, authenticatorOf(app));
  const ids = [person.id, String(second.json()['id'])];
  const answers = await Promise.all(ids.map((id) => person.browser.delete(`/auth/passkeys/${id}`)));
  assert.deepEqual(statusesOf(answers), [204, 409]);
  const [last] = await passkeysOf(person.user.id);
  withAnotherWay.add(person.user.id);
  assert.equal((await person.browser.delete(`/auth/passkeys/${last?.id}`)).status, 204);
});

attack('Q454', 'passkeys of others: not seen, not renamed, not removed', async () => {
  const [person, other] = [await owner(app), await owner(app)];
  withAnotherWay.add(other.user.id);
  assert.doesNotMatch((await other.browser.get('/auth/passkeys')).text, new RegExp(person.id));
  assert.equal((await other.browser.patch(`/auth/passkeys/${person.id}`, { name: 'Mine' })).status, 404);
  assert.equal((await other.browser.delete(`/auth/passkeys/${person.id}`)).status, 404);
  assert.equal((await passkeysOf(person.user.id))[0]?.name, 'Phone');
  assert.equal((await person.browser.patch(`/auth/passkeys/${person.id}`, { name: 'Mine' })).status, 200);
});

attack('Q454', 'the answer tells not whether a passkey exists, and guessing ends', async () => {
  const person = await owner(app);
  const unknown = await signInWith(new Browser(app), authenticatorOf(app), { userHandle: 'AAAAAAAAAAAAAAAAAAAAAA' });
  const forged = { signedBy: newKeyPair().privateKey };
  const wrong = await signInWith(new Browser(app), person.authenticator, forged);
  const plain = ({ status, text }: typeof wrong): string => `${status} ${text.replaceAll(/"(?:errorId|requestId|instance)":"[^"]*"/g, '')}`;
  assert.equal(plain(unknown), plain(wrong));
  assert.ok((await eventsOf(person.user.id)).includes('sign-in.failed'));
  for (let round = 0; round < 9; round += 1) assert.equal((await signInWith(new Browser(app), person.authenticator, forged)).status, 401);
  assert.equal((await signInWith(new Browser(app), person.authenticator)).status, 429);
  await ageAttempts(app, 31, [`passkey:${person.id}`]);
  assert.equal((await signInWith(new Browser(app), person.authenticator)).status, 204);
});

attack('Q454', 'every change is kept and mailed: none goes unnoticed', async () => {
  const person = await owner(app);
  withAnotherWay.add(person.user.id);
  assert.equal((await person.browser.delete(`/auth/passkeys/${person.id}`)).status, 204);
  assert.deepEqual((await eventsOf(person.user.id)).filter((type) => type.startsWith('passkey.')), ['passkey.added', 'passkey.removed']);
  assert.deepEqual(await mailsTo(person), ['A passkey was added to your account', 'A passkey was removed from your account']);
});

benign('challenges that are long over are deleted, others are not', async () => {
  const old = randomBytes(32);
  const row = { digest: old, ceremony: 'sign-in', binding: randomBytes(32), expires_at: new Date(app.clock.now() - 90_000_000) } as const;
  await query.insertInto('passkey_challenges').values(row).execute();
  const browser = new Browser(app);
  const { authenticator } = await owner(app);
  const options = optionsIn(await browser.post('/auth/passkeys/sign-in/options'));
  await deleteOldChallenges(query, app.context);
  assert.deepEqual(await query.selectFrom('passkey_challenges').select('digest').where('digest', '=', old).execute(), []);
  assert.equal((await browser.post('/auth/passkeys/sign-in', { credential: authenticator.get(options) })).status, 204);
});

benign('the ceremonies print no warning', async () => {
  const warnings: string[] = [];
  const keep = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', keep);
  const { browser, authenticator } = await owner(app);
  await signInWith(new Browser(app), authenticator);
  await stepUpWith(browser, authenticator);
  await tick();
  process.off('warning', keep);
  assert.deepEqual(warnings, []);
});
