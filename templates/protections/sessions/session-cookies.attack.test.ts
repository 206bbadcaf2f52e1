import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { IncomingMessage } from 'node:http';
import Type from 'typebox';
import { RequestContext } from '#src/protections/app-core/context.ts';
import { noContent } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { cookieName, sessionCookie } from '#src/protections/sessions/cookie.ts';
import { signIn } from '#src/protections/sessions/sign-in.ts';
import { closed } from '#src/protections/validation/core.ts';
import { uuid } from '#src/protections/validation/formats.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { makeUser, signedIn } from '#tests/support/sessions/people.ts';
import { signInFixture } from '#tests/support/sessions/sign-in-fixture.ts';

/** Signs in as in an app that lets plain http through to its routes. */
const plainSignIn = defineModule({
  id: 'plain-fixture',
  prefix: '/plain',
  routes: [
    route(
      { method: 'POST', path: '/sign-in', access: 'public', signsIn: 'plain', input: { body: closed({ userId: uuid() }) }, output: Type.Null(), summary: 'Signs in over http' },
      async (given) => {
        given.context.scheme = 'http';
        await signIn(given, { userId: given.input.body.userId, way: 'plain', factors: 'one' });
        return noContent();
      },
    ),
  ],
});

const modules = [signInFixture, plainSignIn];
const app = await startApp({ modules });
/** Behind a proxy that ends TLS, on this machine. */
const behindProxy = await startApp({ modules, env: { BASE_URL: 'https://app.test', TRUSTED_PROXIES: '127.0.0.0/8' } });

const overTls = { 'x-forwarded-proto': 'https' };
const me = '/api/v1/me';

const signInOverTls = async (): Promise<readonly [browser: Browser, cookie: string]> => {
  const browser = new Browser(behindProxy);
  const headers = { ...overTls, ...(await csrfTokenOverTls(browser)) };
  const answer = await send(behindProxy, 'POST', '/fixture/sign-in', { headers, body: { userId: (await makeUser(app)).id }, from: browser.address });
  assert.equal(answer.status, 200, answer.text);
  browser.keep(answer);
  return [browser, String(answer.headers['set-cookie']?.find((line) => line.includes('sid=')))];
};

/** What csrf asks for, in apps that have it. */
const csrfTokenOverTls = async (browser: Browser): Promise<Record<string, string>> => {
  const answer = await send(browser.app, 'GET', '/auth/csrf', { headers: overTls, from: browser.address });
  browser.keep(answer);
  return answer.status === 200 ? { 'x-csrf-token': String(answer.json()['token']), cookie: browser.cookies } : {};
};

benign('over http on this machine, while an app is written, a cookie of another name does', async () => {
  const browser = new Browser(app);
  const answer = await browser.post('/fixture/sign-in', { userId: (await makeUser(app)).id });
  assert.match(String(answer.headers['set-cookie']), /(?:^|,)sid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax/);
  assert.equal((await browser.get(me)).status, 200);
});

attack('B4', 'signing in through a proxy that ends TLS: exactly these attributes', async () => {
  const [browser, cookie] = await signInOverTls();
  assert.match(cookie, /^__Host-sid=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  const headers = { ...overTls, cookie: browser.cookies };
  assert.equal((await send(behindProxy, 'GET', me, { headers, from: browser.address })).status, 200);
  assert.equal((await send(behindProxy, 'GET', me, { headers: { ...headers, 'x-forwarded-proto': 'http' }, from: browser.address })).status, 401);
});

attack('B4', 'over http a cookie of an https session is not read, nor the other way round', async () => {
  const plain = await signedIn(app);
  assert.equal((await plain.get(me)).status, 200);
  for (const name of ['__Host-sid', 'Sid', '__Secure-sid', ' sid ', 'xsid']) {
    assert.equal((await send(app, 'GET', me, { headers: { cookie: `${name}=${plain.session}` } })).status, 401, name);
  }
  const cookie = `sid=${plain.session}`;
  assert.equal((await send(behindProxy, 'GET', me, { headers: { ...overTls, cookie } })).status, 401);
});

attack('B4', 'over plain http in production: no cookie, no session', async () => {
  const production = await startApp({ modules, env: { BASE_URL: 'https://app.test', TRUSTED_PROXIES: '127.0.0.0/8' }, config: { NODE_ENV: 'production' } });
  const user = await makeUser(app);
  const rows = async (): Promise<number> =>
    (await app.context.services.db.query.selectFrom('sessions').select('id').where('user_id', '=', user.id).execute()).length;
  const browser = new Browser(production);
  const headers = { ...overTls, ...(await csrfTokenOverTls(browser)) };
  const trySignIn = (path: string, sent: Record<string, string>) => send(production, 'POST', path, { headers: sent, body: { userId: user.id }, from: browser.address });
  for (const answer of [await trySignIn('/fixture/sign-in', { ...headers, 'x-forwarded-proto': 'http' }), await trySignIn('/plain/sign-in', headers)]) {
    assert.equal(answer.status, 400);
    assert.equal(answer.headers['set-cookie'], undefined);
  }
  assert.equal(await rows(), 0);
  assert.equal((await trySignIn('/fixture/sign-in', headers)).status, 200);
  assert.equal(await rows(), 1);
});

attack('B4', 'a cookie has a name only where it may travel: https, or this machine outside of production', () => {
  const nameOn = (NODE_ENV: 'production' | 'development', remoteAddress: string, scheme: 'http' | 'https'): string | undefined => {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
    const request = new IncomingMessage(socket);
    const context = new RequestContext(request, 0);
    context.scheme = scheme;
    return cookieName({ app: { config: { NODE_ENV } }, context, request }, 'sid');
  };
  assert.equal(nameOn('production', '192.0.2.7', 'https'), '__Host-sid');
  assert.equal(nameOn('production', '127.0.0.1', 'http'), undefined);
  assert.equal(nameOn('development', '192.0.2.7', 'http'), undefined);
  assert.equal(nameOn('development', '::1', 'http'), 'sid');
});

attack('B4', 'the helper refuses what would weaken a cookie', () => {
  assert.equal(sessionCookie('__Host-sid', 'token'), '__Host-sid=token; Path=/; HttpOnly; Secure; SameSite=Lax');
  assert.equal(sessionCookie('__Host-admin', 'token', { sameSite: 'Strict' }), '__Host-admin=token; Path=/; HttpOnly; Secure; SameSite=Strict');
  for (const attributes of [{ domain: 'app.test' }, { httpOnly: false }, { secure: false }, { path: '/app' }, { sameSite: 'None' }] as const) {
    assert.throws(() => sessionCookie('__Host-sid', 'token', attributes), TypeError, JSON.stringify(attributes));
  }
  assert.throws(() => sessionCookie('sid', 'token'), TypeError);
  for (const length of [1025, 5000]) assert.throws(() => sessionCookie('__Host-sid', 'x'.repeat(length)), TypeError);
});

attack('B4', 'two session cookies in one request: 400, whichever is the right one', async () => {
  const browser = await signedIn(app);
  const own = `sid=${browser.session}`;
  assert.equal((await send(app, 'GET', me, { headers: { cookie: `theme=dark; ${own}; lang=en` } })).status, 200);
  const planted = `sid=${'A'.repeat(43)}`;
  for (const cookie of [`${own}; ${planted}`, `${planted}; ${own}`, `${own}; ${own}`, `${own};${planted}`, [own, planted]]) {
    assert.equal((await send(app, 'GET', me, { headers: { cookie } })).status, 400, String(cookie));
  }
  const [overHttps] = await signInOverTls();
  const secure = `__Host-sid=${overHttps.session}`;
  const headers = { ...overTls, cookie: `${secure}; __Host-sid=${'A'.repeat(43)}` };
  assert.equal((await send(behindProxy, 'GET', me, { headers })).status, 400);
  assert.equal((await send(behindProxy, 'GET', me, { headers: { ...overTls, cookie: secure } })).status, 200);
});
