import assert from 'node:assert/strict';
import Type from 'typebox';
import { noContent, ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { csrfField } from '#src/protections/csrf/field.ts';
import { isForeign } from '#src/protections/csrf/origin.ts';
import { csrfOf } from '#src/protections/csrf/trust.ts';
import { closed } from '#src/protections/validation/core.ts';
import { forms } from '#src/protections/validation/form.ts';
import { type TestApp, as, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, send } from '#tests/support/http.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { makeUser, signedIn } from '#tests/support/sessions/people.ts';
import { signInFixture } from '#tests/support/sessions/sign-in-fixture.ts';

let changes = 0;
const change = () => {
  changes += 1;
  return noContent();
};

const Note = closed({ note: Type.String() });
const Nothing = Type.Null();

/** One route for each way in which something is changed. */
const fixture = defineModule({
  id: 'changes-fixture',
  prefix: '/changes',
  routes: [
    route({ method: 'GET', path: '/', access: 'public', input: {}, output: closed({ changes: Type.Integer() }), summary: 'How often' }, () => ok({ changes })),
    route({ method: 'POST', path: '/', access: 'user', input: { body: Note }, output: Nothing, summary: 'Changes' }, change),
    route({ method: 'PUT', path: '/', access: 'user', input: { body: Note }, output: Nothing, summary: 'Changes' }, change),
    route({ method: 'PATCH', path: '/', access: 'user', input: { body: Note }, output: Nothing, summary: 'Changes' }, change),
    route({ method: 'DELETE', path: '/', access: 'user', input: {}, output: Nothing, summary: 'Changes' }, change),
    route({ method: 'POST', path: '/public', access: 'public', input: {}, output: Nothing, summary: 'Changes, for anybody' }, change),
    route({ method: 'POST', path: '/only', access: 'user', input: {}, output: Nothing, summary: 'Changes' }, change),
    route({ method: 'POST', path: '/signed', access: 'public', credential: 'none', input: {}, output: Nothing, summary: 'Believes no cookie' }, change),
  ],
});

const formFixture = defineModule({
  id: 'forms-fixture',
  prefix: '/forms',
  reads: [forms],
  routes: [route({ method: 'POST', path: '/', access: 'user', input: { body: closed({ ...csrfField, note: Type.String() }) }, output: Nothing, summary: 'Changes by a form' }, change)],
});

const app = await startApp({ modules: [fixture, formFixture, signInFixture] });
const own = new URL(app.context.config.BASE_URL).origin;

interface Change {
  readonly method?: string;
  readonly path?: string;
  /** Null for none. */
  readonly body?: unknown;
  readonly there?: TestApp;
}

/** Sends a change with exactly these headers, and tells whether anything changed. */
const tryChange = async (headers: Record<string, string>, { method = 'POST', path = '/changes', body = { note: 'x' }, there = app }: Change = {}) => {
  const before = changes;
  const answer = await send(there, method, path, { headers, ...(body === null ? {} : { body }) });
  return { status: answer.status, code: codeOf(answer), changed: changes > before };
};

const codeOf = (answer: Received): string => (answer.text === '' ? '' : String(answer.json()['code']));

/** A signed in browser and what it would send by itself. */
const someone = async (there: TestApp = app) => {
  const browser = await signedIn(there);
  const token = (await browser.csrfToken()) ?? '';
  return { browser, cookie: browser.cookies, token };
};

const passed = { status: 204, code: '', changed: true };
const foreign = { status: 403, code: 'cross_site_request', changed: false };
const withoutToken = { status: 403, code: 'csrf_token_required', changed: false };

benign('a page of this origin changes things, with every method, by script and by a form', async () => {
  const { browser, cookie, token } = await someone();
  for (const method of ['POST', 'PUT', 'PATCH']) assert.equal((await browser.send(method, '/changes', { body: { note: 'x' } })).status, 204, method);
  assert.equal((await browser.delete('/changes')).status, 204);
  const form = { cookie, 'sec-fetch-site': 'same-origin', origin: own, 'content-type': 'application/x-www-form-urlencoded' };
  assert.deepEqual(await tryChange(form, { path: '/forms', body: `note=x&_csrf=${token}` }), passed);
});

benign('old browsers say Origin, or only Referer; a machine without a cookie says nothing', async () => {
  const { cookie, token } = await someone();
  const signed = { cookie, 'x-csrf-token': token };
  for (const headers of [{ ...signed, origin: own }, { ...signed, referer: `${own}/some/page?a=b` }, signed]) assert.deepEqual(await tryChange(headers), passed, JSON.stringify(headers));
  assert.deepEqual(await tryChange(as('alice')), passed);
  assert.deepEqual(await tryChange({}, { path: '/changes/public', body: null }), passed);
  assert.deepEqual(await tryChange({ 'sec-fetch-site': 'same-origin', origin: own }, { path: '/changes/public', body: null }), passed);
});

benign('somebody who is not signed in gets a token to sign in with', async () => {
  const browser = new Browser(app);
  const answer = await browser.get('/auth/csrf');
  assert.match(String(answer.json()['token']), /^[\w-]{43}$/);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.match(browser.cookie('pre') ?? '', /^[\w-]{43}$/);
  assert.equal((await browser.post('/fixture/sign-in', { userId: (await makeUser(app)).id })).status, 200);
  assert.equal(browser.cookie('pre'), undefined);
  assert.equal((await browser.post('/changes', { note: 'x' })).status, 204);
});

attack('B2', 'a page of another site, of a sibling host, of nowhere: refused although cookie and token are right', async () => {
  const { cookie, token } = await someone();
  const signed = { cookie, 'x-csrf-token': token };
  for (const site of ['cross-site', 'same-site', 'none', 'same-origin, same-origin', 'SAME-ORIGIN', '']) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const options = { method, body: method === 'DELETE' ? null : { note: 'x' } };
      assert.deepEqual(await tryChange({ ...signed, 'sec-fetch-site': site, origin: own }, options), foreign, `${method} ${site}`);
      assert.deepEqual(await tryChange({ ...signed, 'sec-fetch-site': 'same-origin', origin: own }, options), passed);
    }
  }
});

attack('B2', 'a browser that says no Sec-Fetch-Site: Origin and Referer of others are refused', async () => {
  const { cookie, token } = await someone();
  const signed = { cookie, 'x-csrf-token': token };
  for (const origin of ['https://evil.test', 'null', '', `${own}.evil.test`, own.replace('http:', 'https:'), `${own}:8080`, own.toUpperCase(), `${own}, ${own}`, `${own}/`]) {
    assert.deepEqual(await tryChange({ ...signed, origin }), foreign, origin);
    // Asked by itself: what decides which origins may call at all can refuse these before.
    assert.ok(isForeign({ headers: { origin } }, own, () => false), origin);
    assert.deepEqual(await tryChange({ ...signed, origin, referer: `${own}/` }), foreign, `${origin} and a Referer`);
  }
  for (const referer of ['https://evil.test/', `https://evil.test/?${own}`, `${own}.evil.test/`, `${own}@evil.test/`, 'about:blank', '', 'no address']) {
    assert.deepEqual(await tryChange({ ...signed, referer }), foreign, referer);
  }
  assert.deepEqual(await tryChange({ ...signed, origin: own }), passed);
});

attack('B2', 'a cookie without a token: refused, with and without headers of a browser', async () => {
  const { cookie, token } = await someone();
  const sameOrigin = { cookie, 'sec-fetch-site': 'same-origin', origin: own };
  for (const headers of [{ cookie }, { cookie, origin: own }, { cookie, referer: `${own}/` }, sameOrigin]) {
    for (const wrong of [undefined, '', 'x', token.slice(1), `${token}A`, `${token}, ${token}`, token.toLowerCase(), 'ö'.repeat(43)]) {
      const sent = wrong === undefined ? headers : { ...headers, 'x-csrf-token': wrong };
      assert.deepEqual(await tryChange(sent), withoutToken, JSON.stringify(sent));
    }
  }
  assert.deepEqual(await tryChange({ ...sameOrigin, 'x-csrf-token': token }), passed);
  const form = { ...sameOrigin, 'content-type': 'application/x-www-form-urlencoded' };
  for (const body of ['note=x', 'note=x&_csrf=', `note=x&_csrf=${token}A`]) assert.deepEqual(await tryChange(form, { path: '/forms', body }), withoutToken, body);
});

attack('B2', 'every route that believes a cookie is checked; signing out too', async () => {
  for (const { method, fullPath, credential = 'session', access } of app.context.routing.inventory) {
    if (method === 'GET' || credential !== 'session' || access === 'internal') continue;
    const { cookie, token, browser } = await someone();
    const path = fullPath.replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000');
    const options = { method, path, body: method === 'DELETE' ? null : {} };
    assert.equal((await tryChange({ cookie, 'sec-fetch-site': 'same-origin' }, options)).code, 'csrf_token_required', `${method} ${fullPath}`);
    assert.equal((await tryChange({ cookie, 'sec-fetch-site': 'cross-site', 'x-csrf-token': token }, options)).code, 'cross_site_request', `${method} ${fullPath}`);
    assert.equal((await browser.get('/api/v1/me')).status, 200);
  }
});

attack('B2', 'the token of another session, of nobody, from before sign-in or step-up, of another app: refused', async () => {
  const user = await makeUser(app);
  const browser = new Browser(app);
  const beforeSignIn = (await browser.csrfToken()) ?? '';
  const beforeCookie = browser.cookies;
  await browser.post('/fixture/sign-in', { userId: user.id });
  const beforeStepUp = (await browser.csrfToken()) ?? '';
  await browser.post('/fixture/renew');
  const { token: ofAnother } = await someone();
  const headers = { 'sec-fetch-site': 'same-origin', origin: own };
  const wrong: Readonly<Record<string, Record<string, string>>> = {
    'from before sign-in': { cookie: browser.cookies, 'x-csrf-token': beforeSignIn },
    'with the cookie from before': { cookie: `${browser.cookies}; ${beforeCookie}`, 'x-csrf-token': beforeSignIn },
    'from before step-up': { cookie: browser.cookies, 'x-csrf-token': beforeStepUp },
    'of another session': { cookie: browser.cookies, 'x-csrf-token': ofAnother },
  };
  for (const [which, sent] of Object.entries(wrong)) assert.deepEqual(await tryChange({ ...headers, ...sent }), withoutToken, which);
  assert.deepEqual(await tryChange({ ...headers, cookie: browser.cookies, 'x-csrf-token': (await browser.csrfToken()) ?? '' }), passed);
});

attack('B2', 'a cookie that opens no session any more: still no change without a token', async () => {
  const { browser, cookie, token } = await someone();
  assert.equal((await browser.post('/auth/logout')).status, 204);
  const options = { path: '/changes/public', body: null };
  assert.deepEqual(await tryChange({ cookie, 'x-csrf-token': token }, options), withoutToken);
  assert.deepEqual(await tryChange({ cookie: `sid=${'A'.repeat(43)}` }, options), withoutToken);
  assert.deepEqual(await tryChange({}, options), passed);
});

attack('B2', 'signing somebody in from another site, or without a token: no session', async () => {
  const { id } = await makeUser(app);
  const rows = async (): Promise<number> => (await app.context.services.db.query.selectFrom('sessions').select('id').where('user_id', '=', id).execute()).length;
  const browser = new Browser(app);
  const token = (await browser.csrfToken()) ?? '';
  const cookie = browser.cookies;
  const other = (await new Browser(app).csrfToken()) ?? '';
  const attempts: readonly Record<string, string>[] = [
    {},
    { 'x-csrf-token': token },
    { cookie },
    { cookie, 'sec-fetch-site': 'same-origin', origin: own },
    { cookie, 'x-csrf-token': other },
    { cookie, 'x-csrf-token': token, 'sec-fetch-site': 'cross-site' },
    { cookie, 'x-csrf-token': token, 'sec-fetch-site': 'same-site' },
    { cookie, 'x-csrf-token': token, origin: 'https://evil.test' },
    { cookie: `pre=${'A'.repeat(43)}`, 'x-csrf-token': token },
  ];
  for (const headers of attempts) {
    const answer = await send(app, 'POST', '/fixture/sign-in', { headers, body: { userId: id } });
    assert.deepEqual([answer.status, answer.headers['set-cookie']], [403, undefined], JSON.stringify(headers));
  }
  assert.equal(await rows(), 0);
  assert.equal((await send(app, 'POST', '/fixture/sign-in', { headers: { cookie, 'x-csrf-token': token }, body: { userId: id } })).status, 200);
  assert.equal(await rows(), 1);
});

attack('B2', 'what a form of another site can send without asking is no JSON: 415; changes by GET: 404 or 405', async () => {
  const { browser } = await someone();
  const before = changes;
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain; x=application/json', 'application/jsonx', '']) {
    const answer = await browser.post('/changes', '{"note":"x"}', { headers: { 'content-type': type } });
    assert.equal(answer.status, 415, type);
  }
  for (const path of ['/changes/only', '/auth/logout', '/changes/only?_method=POST']) {
    for (const method of ['GET', 'HEAD']) assert.ok([404, 405].includes((await browser.send(method, path)).status), `${method} ${path}`);
  }
  await browser.get('/changes', { headers: { 'x-http-method-override': 'POST', 'x-http-method': 'POST', 'x-method-override': 'POST' } });
  assert.equal(changes, before);
  assert.equal((await browser.get('/api/v1/me')).status, 200);
  assert.equal((await browser.post('/changes/only')).status, 204);
});

attack('B2', 'without a token only what reads no cookie: with one it is nobody', async () => {
  const { cookie } = await someone();
  const crossSite = { cookie, 'sec-fetch-site': 'cross-site' };
  assert.deepEqual(await tryChange(crossSite, { path: '/changes/signed', body: null }), passed);
  assert.deepEqual(await tryChange(crossSite, { path: '/changes/public', body: null }), foreign);
  assert.equal((await tryChange(crossSite, { path: '/native/v1/sign-out', body: null })).status, 401);
});

attack('B2', 'an origin that is trusted: exactly that one, and still with a token', async () => {
  // Where scripts of other origins may call at all, the list of those has to name it too.
  const trusting = await startApp({ modules: [fixture], env: { CORS_ORIGINS: 'https://shop.test' } });
  csrfOf(trusting.context).trust((origin) => origin === 'https://shop.test');
  const { cookie, token } = await someone(trusting);
  const signed = { cookie, 'x-csrf-token': token };
  for (const site of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, {}]) {
    assert.deepEqual(await tryChange({ ...signed, ...site, origin: 'https://shop.test' }, { there: trusting }), passed);
    assert.deepEqual(await tryChange({ cookie, ...site, origin: 'https://shop.test' }, { there: trusting }), withoutToken);
    for (const origin of ['https://shop.test.evil.test', 'http://shop.test', 'https://evil.test', 'null']) {
      assert.deepEqual(await tryChange({ ...signed, ...site, origin }, { there: trusting }), foreign, origin);
    }
  }
  const elsewhere = await someone();
  const toOther = { cookie: elsewhere.cookie, 'x-csrf-token': elsewhere.token, origin: 'https://shop.test' };
  assert.deepEqual(await tryChange(toOther), foreign, 'another app in the process trusts nobody');
});
