import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { processFacts } from '#src/config.ts';
import { bootCheck } from '#src/protections/sessions/boot-check.ts';
import { digestOf } from '#src/protections/encryption/token.ts';
import { endSessionsOf } from '#src/protections/sessions/sign-in.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, send } from '#tests/support/http.ts';
import type { Browser } from '#tests/support/sessions/browser.ts';
import { ageProof, makeUser, signedIn } from '#tests/support/sessions/people.ts';
import { signInFixture } from '#tests/support/sessions/sign-in-fixture.ts';

const redirectUri = 'com.example.app:/signed-in';
const otherUri = 'https://app.example/signed-in';
const app = await startApp({ modules: [signInFixture], env: { NATIVE_CLIENTS: `phone=${redirectUri},tablet=${otherUri}` } });
const { db } = app.context.services;

const cookieMe = '/api/v1/me';
const tokenMe = '/native/v1/me';

/** An app on a device: knows a secret that nobody else does. */
const newVerifier = (): string => randomBytes(32).toString('base64url');
const challengeOf = (verifier: string): string => hash('sha256', verifier, 'base64url');

const approve = (browser: Browser, verifier: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Received> =>
  browser.post('/native/v1/authorize', {
    clientId: 'phone',
    redirectUri,
    codeChallenge: challengeOf(verifier),
    codeChallengeMethod: 'S256',
    state: 'state of the app',
    deviceName: 'My phone',
    ...changes,
  });

const codeIn = (answer: Received): string => {
  assert.equal(answer.status, 200, answer.text);
  return new URL(String(answer.json()['redirectTo'])).searchParams.get('code') ?? '';
};

const tokenRequest = (body: Readonly<Record<string, unknown>>): Promise<Received> => send(app, 'POST', '/native/v1/token', { body });

const exchange = (code: string, codeVerifier: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Received> =>
  tokenRequest({ grantType: 'authorization_code', clientId: 'phone', redirectUri, code, codeVerifier, ...changes });

const refresh = (refreshToken: string): Promise<Received> => tokenRequest({ grantType: 'refresh_token', refreshToken });

interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

const tokensIn = (answer: Received): Tokens => {
  assert.equal(answer.status, 200, answer.text);
  const { accessToken, refreshToken } = answer.json();
  return { access: String(accessToken), refresh: String(refreshToken) };
};

/** A device on which the user of `browser` is signed in. */
const signInDevice = async (browser: Browser): Promise<Tokens> => {
  const verifier = newVerifier();
  return tokensIn(await exchange(codeIn(await approve(browser, verifier)), verifier));
};

const withToken = (access: string, path = tokenMe, method = 'GET'): Promise<Received> => send(app, method, path, { headers: { authorization: `Bearer ${access}` } });

const countDevices = async (userId: string): Promise<number> => (await db.query.selectFrom('devices').select('id').where('user_id', '=', userId).execute()).length;

const devicesIn = async (browser: Browser): Promise<{ id: string; name: string; client: string }[]> => {
  const { items = [] }: { items?: { id: string; name: string; client: string }[] } = (await browser.get('/api/v1/devices')).json();
  return items;
};

/** Time passes for the devices and codes of a user. */
const age = async (userId: string, seconds: number): Promise<void> => {
  const by = sql`make_interval(secs => ${seconds})`;
  await sql`update devices set created_at = created_at - ${by}, last_used_at = last_used_at - ${by}, access_until = access_until - ${by} where user_id = ${userId}`.execute(db.query);
  await sql`update native_codes set created_at = created_at - ${by} where user_id = ${userId}`.execute(db.query);
};

const someone = async () => {
  const user = await makeUser(app, { roles: ['editor'] });
  return { user, browser: await signedIn(app, user) };
};

benign('an app is approved in the browser, signed in, refreshed, listed and signed out', async () => {
  const { user, browser } = await someone();
  const verifier = newVerifier();
  const approved = await approve(browser, verifier);
  const target = new URL(String(approved.json()['redirectTo']));
  assert.equal(`${target.protocol}${target.pathname}`, redirectUri);
  assert.equal(target.searchParams.get('state'), 'state of the app');
  const answer = await exchange(codeIn(approved), verifier);
  assert.deepEqual({ ...answer.json(), accessToken: '', refreshToken: '' }, { tokenType: 'Bearer', accessToken: '', expiresIn: 600, refreshToken: '' });
  assert.equal(answer.headers['cache-control'], 'no-store');
  const first = tokensIn(answer);
  assert.deepEqual((await withToken(first.access)).json(), { id: user.id, roles: ['editor'] });
  const second = tokensIn(await refresh(first.refresh));
  assert.equal((await withToken(second.access)).status, 200);
  const [device] = await devicesIn(browser);
  assert.deepEqual([device?.name, device?.client], ['My phone', 'phone']);
  assert.equal((await withToken(second.access, '/native/v1/sign-out', 'POST')).status, 204);
  assert.deepEqual(await devicesIn(browser), []);
});

benign('a user signs a device out; the others go on', async () => {
  const { browser } = await someone();
  const [phone, tablet] = [await signInDevice(browser), await signInDevice(browser)];
  const [latest, earlier] = await devicesIn(browser);
  assert.equal((await browser.delete(`/api/v1/devices/${latest?.id}`)).status, 204);
  assert.deepEqual((await devicesIn(browser)).map(({ id }) => id), [earlier?.id]);
  const statuses = [(await withToken(phone.access)).status, (await withToken(tablet.access)).status];
  assert.deepEqual(statuses.toSorted((a, b) => a - b), [200, 401]);
});

attack('Q418', 'the API of native apps without a token, whatever else is claimed: 401', async () => {
  const { browser } = await someone();
  const { access } = await signInDevice(browser);
  assert.equal((await withToken(access)).status, 200);
  for (const headers of [{}, { 'x-mobile-client': 'true' }, { 'x-requested-with': 'com.example.app' }, { 'user-agent': 'ExampleApp/1.0 (iPhone)' }]) {
    assert.equal((await send(app, 'GET', tokenMe, { headers })).status, 401);
  }
  for (const authorization of [`bearer ${access}`, `Bearer  ${access}`, `Bearer ${access}x`, `Bearer ${access}, Bearer ${access}`, `Basic ${access}`, access, 'Bearer', `Bearer ${newVerifier()}`]) {
    assert.equal((await send(app, 'GET', tokenMe, { headers: { authorization } })).status, 401, authorization);
  }
});

attack('Q418', 'a cookie where a token is asked for, a token where a cookie is: 401', async () => {
  const { browser } = await someone();
  const { access } = await signInDevice(browser);
  assert.deepEqual([(await browser.get(cookieMe)).status, (await withToken(access)).status], [200, 200]);
  assert.equal((await browser.get(tokenMe)).status, 401);
  assert.equal((await browser.post('/native/v1/sign-out')).status, 401);
  assert.equal((await withToken(access, cookieMe)).status, 401);
  assert.equal((await withToken(access, '/auth/sessions')).status, 401);
  assert.equal((await withToken(browser.session ?? '')).status, 401, 'the value of the cookie is no token');
  assert.equal((await send(app, 'GET', cookieMe, { headers: { cookie: `sid=${access}` } })).status, 401, 'a token is no cookie');
});

attack('Q418', 'a refresh token that was used before: the whole device is signed out, and somebody is told', async () => {
  const { user, browser } = await someone();
  const stolen = await signInDevice(browser);
  const untouched = await signInDevice(browser);
  const next = tokensIn(await refresh(stolen.refresh));
  assert.equal((await withToken(stolen.access)).status, 401, 'one access token at a time');
  const later = tokensIn(await refresh(next.refresh));
  assert.equal((await withToken(later.access)).status, 200);
  const replay = await refresh(stolen.refresh);
  assert.deepEqual([replay.status, replay.json()['code']], [400, 'invalid_grant']);
  assert.equal((await withToken(later.access)).status, 401);
  assert.equal((await refresh(later.refresh)).status, 400);
  const events = db.query.selectFrom('security_events').select('id').where('user_id', '=', user.id).where('type', '=', 'device.replayed');
  assert.equal((await events.execute()).length, 1);
  assert.equal((await withToken(untouched.access)).status, 200);
});

attack('Q418', 'one refresh token shown twice at once: one wins at most, and the device is signed out', async () => {
  const { user, browser } = await someone();
  const { refresh: token } = await signInDevice(browser);
  const statuses = (await Promise.all([refresh(token), refresh(token), refresh(token)])).map(({ status }) => status);
  assert.ok(statuses.filter((status) => status === 200).length <= 1, String(statuses));
  assert.equal(await countDevices(user.id), 0);
});

attack('Q418', 'a refresh token made of parts of others signs nobody out', async () => {
  const { browser } = await someone();
  const { access, refresh: token } = await signInDevice(browser);
  const [family = '', latest = ''] = token.split('.');
  for (const forged of [`${newVerifier()}.${latest}`, `${latest}.${family}`, `${newVerifier()}.${newVerifier()}`]) {
    assert.equal((await refresh(forged)).status, 400);
  }
  assert.equal((await withToken(access)).status, 200);
  for (const malformed of [family, `${token}.${latest}`, '', `${family}.`]) assert.equal((await refresh(malformed)).status, 422);
});

attack('Q418', 'a device that its user ended, with a fresh proof only: no refresh, no access', async () => {
  const { user, browser } = await someone();
  const { access, refresh: token } = await signInDevice(browser);
  const path = `/api/v1/devices/${(await devicesIn(browser))[0]?.id}`;
  await ageProof(app, user.id);
  assert.equal((await browser.delete(path)).json()['code'], 'step_up_required');
  assert.equal((await approve(browser, newVerifier())).json()['code'], 'step_up_required');
  assert.equal((await withToken(access)).status, 200);
  await browser.post('/fixture/renew');
  assert.equal((await browser.delete(path)).status, 204);
  assert.equal((await withToken(access)).status, 401);
  assert.equal((await refresh(token)).status, 400);
});

attack('Q418', 'the device of somebody else: 404, and it goes on', async () => {
  const [{ browser }, { browser: mallory }] = [await someone(), await someone()];
  const { access } = await signInDevice(browser);
  const [device] = await devicesIn(browser);
  assert.equal((await mallory.delete(`/api/v1/devices/${device?.id}`)).status, 404);
  assert.deepEqual(await devicesIn(mallory), []);
  assert.equal((await withToken(access)).status, 200);
});

attack('Q418', 'a code without its verifier, for another app, another address, late or again: no tokens', async () => {
  const { user, browser } = await someone();
  const verifier = newVerifier();
  const fresh = async (): Promise<string> => codeIn(await approve(browser, verifier));
  const refusals: readonly (() => Promise<Received>)[] = [
    async () => exchange(await fresh(), newVerifier()),
    async () => exchange(await fresh(), challengeOf(verifier)),
    async () => exchange(await fresh(), verifier, { clientId: 'tablet' }),
    async () => exchange(await fresh(), verifier, { redirectUri: otherUri }),
    async () => exchange(newVerifier(), verifier),
    async () => {
      const code = await fresh();
      await age(user.id, 61);
      return exchange(code, verifier);
    },
    async () => {
      const code = await fresh();
      await exchange(code, newVerifier());
      return exchange(code, verifier);
    },
  ];
  for (const refused of refusals) {
    const answer = await refused();
    assert.deepEqual([answer.status, answer.json()['code']], [400, 'invalid_grant']);
  }
  assert.equal(await countDevices(user.id), 0);
  assert.equal((await exchange(await fresh(), verifier)).status, 200);
});

attack('Q418', 'a code that was used, shown again: the device that it made is signed out', async () => {
  const { browser } = await someone();
  const verifier = newVerifier();
  const code = codeIn(await approve(browser, verifier));
  const { access } = tokensIn(await exchange(code, verifier));
  assert.equal((await withToken(access)).status, 200);
  assert.equal((await exchange(code, verifier)).status, 400);
  assert.equal((await withToken(access)).status, 401);
});

attack('Q418', 'an app or an address that is not listed, a challenge in plain text: no code', async () => {
  const { browser } = await someone();
  const verifier = newVerifier();
  assert.equal((await approve(browser, verifier)).status, 200);
  assert.equal((await approve(browser, verifier, { clientId: 'tablet', redirectUri: otherUri })).status, 200);
  const wrong = [
    { redirectUri: otherUri },
    { redirectUri: `${redirectUri}/` },
    { redirectUri: `${redirectUri}?next=https://evil.test` },
    { redirectUri: redirectUri.toUpperCase() },
    { redirectUri: 'https://evil.test/' },
    { clientId: 'unknown' },
  ];
  for (const changes of wrong) assert.equal((await approve(browser, verifier, changes)).status, 400, JSON.stringify(changes));
  for (const changes of [{ codeChallengeMethod: 'plain' }, { codeChallenge: '' }, { codeChallenge: 'short' }]) {
    assert.equal((await approve(browser, verifier, changes)).status, 422, JSON.stringify(changes));
  }
});

attack('Q418', 'disabled, signed out everywhere, unused or old: neither access nor refresh', async () => {
  const day = 86_400;
  const changes: readonly ((userId: string) => Promise<unknown>)[] = [
    (userId) => db.query.updateTable('users').set({ disabled_at: new Date(app.clock.now()) }).where('id', '=', userId).execute(),
    (userId) => db.transaction((tx) => endSessionsOf(tx, app.context, userId)),
    (userId) => age(userId, 31 * day),
    (userId) => sql`update devices set created_at = now() - interval '181 days' where user_id = ${userId}`.execute(db.query),
  ];
  for (const change of changes) {
    const { user, browser } = await someone();
    const { access, refresh: token } = await signInDevice(browser);
    assert.equal((await withToken(access)).status, 200);
    await change(user.id);
    assert.equal((await withToken(access)).status, 401, change.toString());
    assert.equal((await refresh(token)).status, 400, change.toString());
  }
  const { user, browser } = await someone();
  const verifier = newVerifier();
  const code = codeIn(await approve(browser, verifier));
  await db.query.updateTable('users').set({ disabled_at: new Date(app.clock.now()) }).where('id', '=', user.id).execute();
  assert.equal((await exchange(code, verifier)).status, 400);
});

attack('Q418', 'an access token whose ten minutes are over: 401', async () => {
  const { user, browser } = await someone();
  const { access } = await signInDevice(browser);
  await age(user.id, 599);
  assert.equal((await withToken(access)).status, 200);
  await age(user.id, 2);
  assert.equal((await withToken(access)).status, 401);
});

attack('Q418', 'a dump of the tables holds no token and no code', async () => {
  const { user, browser } = await someone();
  const { access, refresh: token } = await signInDevice(browser);
  const verifier = newVerifier();
  const code = codeIn(await approve(browser, verifier));
  const { rows } = await sql<{ row: string }>`select devices::text as row from devices where user_id = ${user.id}
    union all select native_codes::text from native_codes where user_id = ${user.id}`.execute(db.query);
  const dump = JSON.stringify(rows);
  assert.equal(rows.length, 2);
  assert.ok(dump.includes(digestOf(code).toString('hex')));
  for (const secret of [access, ...token.split('.'), code, verifier]) {
    for (const spelling of [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret, 'base64url').toString('hex')]) assert.ok(!dump.includes(spelling));
  }
});

attack('Q418', 'no answer sets a cookie for other sites', async () => {
  const { browser } = await someone();
  await signInDevice(browser);
  const answers = [await browser.post('/fixture/sign-in', { userId: (await makeUser(app)).id }), await browser.post('/auth/logout')];
  const lines = answers.flatMap(({ headers }) => headers['set-cookie'] ?? []);
  assert.ok(lines.length >= 2);
  for (const line of lines) {
    assert.match(line, /SameSite=Lax/);
    assert.doesNotMatch(line, /SameSite=None/i);
  }
});

attack('Q418', 'an address that another app or the network could take: the app does not start', () => {
  const problemsOf = (...entries: readonly string[]): number => bootCheck(processFacts({ ...app.context.config, NATIVE_CLIENTS: entries })).length;
  assert.equal(problemsOf(`phone=${redirectUri}`, `tablet=${otherUri}`), 0);
  for (const uri of ['http://app.example/', 'myapp:/signed-in', 'data:text/html,code', 'https://app.example/#code', 'https://app.example/?a=b', 'https://user:pw@app.example/', '/signed-in', '*', 'https://']) {
    assert.equal(problemsOf(`phone=${uri}`), 1, uri);
  }
  for (const text of ['phone', '=com.example.app:/', 'PHONE=com.example.app:/']) assert.equal(problemsOf(text), 1, text);
});
