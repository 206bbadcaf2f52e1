import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Type from 'typebox';
import { Problem } from '#src/protections/app-core/problem.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { hasherOf } from '#src/protections/auth-password/hashing/hasher.ts';
import { safeEqual } from '#src/protections/encryption/safe-equal.ts';
import { closed } from '#src/protections/validation/core.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { countComparisons } from '#tests/support/auth-password/crypto-spy.ts';
import { goodPassword, login, makePerson } from '#tests/support/auth-password/people.ts';
import { send } from '#tests/support/http.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { lint } from '#tests/support/validation/lint.ts';

const secret = 'c2VjcmV0LXRva2VuLW9mLXRoZS1maXh0dXJl';

/** Shows how a secret in a header or a body is to be checked. */
const door = defineModule({
  id: 'door-fixture',
  prefix: '/door',
  routes: [
    route({ method: 'GET', path: '/', access: 'public', input: {}, output: closed({}), summary: 'By header' }, ({ request }) => {
      if (!safeEqual(String(request.headers['x-door-key'] ?? ''), secret)) throw new Problem(401);
      return ok({});
    }),
    route({ method: 'POST', path: '/', access: 'public', input: { body: closed({ key: Type.String() }) }, output: closed({}), summary: 'By body' }, ({ input }) => {
      if (!safeEqual(input.body.key, secret)) throw new Problem(401);
      return ok({});
    }),
  ],
});

const app = await startApp({ modules: [door] });

const byHeader = (key: string | readonly string[]) => send(app, 'GET', '/door', { headers: { 'x-door-key': key } });
const byBody = (key: unknown) => send(app, 'POST', '/door', { body: { key } });

benign('the right secret opens, as text and as bytes', async () => {
  assert.equal((await byHeader(secret)).status, 200);
  assert.equal((await byBody(secret)).status, 200);
  assert.ok(safeEqual(Buffer.from(secret), secret));
});

attack('Q405', 'a secret one byte short, one long, none at all, not ASCII, two of it, of another kind: refused, and nothing breaks', async () => {
  const wrong = [secret.slice(0, -1), `${secret}x`, '', 'x', `é${secret.slice(1)}`, '\u{1f600}', 'x'.repeat(secret.length)];
  for (const key of wrong) {
    assert.ok(!safeEqual(key, secret), JSON.stringify(key));
    assert.ok(!safeEqual(secret, Buffer.from(key)), JSON.stringify(key));
    assert.equal((await byBody(key)).status, 401, JSON.stringify(key));
  }
  for (const key of [secret.slice(0, -1), `${secret}x`, 'x', 'é', [secret, secret], [secret, 'x']]) assert.equal((await byHeader(key)).status, 401, String(key));
  for (const key of [[secret], { 0: secret }, 1, null, true]) assert.equal((await byBody(key)).status, 422, JSON.stringify(key));
  assert.equal((await byHeader(secret)).status, 200);
});

attack('Q405', 'every check of a secret is one comparison in constant time, right or wrong, whatever the scheme', async () => {
  const hasher = hasherOf(app.context);
  const bcrypt = '$2b$05$CCCCCCCCCCCCCCCCCCCCC.d9Q82QQJRwzpfMNKNdNBzyBxDOBWkXW';
  const stored = [await hasher.hash(goodPassword), bcrypt, '$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$d8aOCvwUxa7wK91pbGTFdnhiJYmo1VsmYHX84Gs2O5A', await hasher.wrap(bcrypt)];
  for (const hash of stored) {
    for (const password of [goodPassword, 'another one']) {
      const count = await countComparisons(async () => assert.equal((await hasher.verify(password, hash)).valid, password === goodPassword));
      assert.equal(count, 1, hash);
    }
  }
  assert.equal(await countComparisons(() => hasher.verify(goodPassword, undefined)), 1);

  const browser = new Browser(app);
  const person = await makePerson(app);
  await browser.csrfToken();
  // The CSRF token and the password; with the cookie of a known browser that one too.
  assert.equal(await countComparisons(() => login(browser, person)), 2);
  await browser.csrfToken();
  assert.equal(await countComparisons(() => login(browser, person)), 3);
});

attack('Q405', 'nothing compares in constant time by itself: lengths that differ would throw there', () => {
  const folder = join(import.meta.dirname, '../../src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const comparing = files.filter((file) => /\btimingSafeEqual\b/.test(readFileSync(join(folder, file), 'utf8'))).map((file) => file.replaceAll('\\', '/'));
  const reviewed = ['protections/access-control/internal-listener.ts', 'protections/encryption/safe-equal.ts', 'protections/webhooks/verify.ts'];
  assert.deepEqual(comparing.filter((file) => !reviewed.includes(file)), []);
  assert.ok(comparing.includes('protections/encryption/safe-equal.ts'), 'the scan is blind');
});

attack('Q405', 'a secret that is compared by == or ===: the build fails', () => {
  const declarations = `
export declare const token: string;
export declare const stored: { readonly hash: string; readonly csrfToken: string; readonly API_KEY: string };
export declare const given: string;
`;
  const plain = ['token === stored.csrfToken', 'given !== token', 'given === stored.hash', 'stored.csrfToken !== given', 'given === stored.API_KEY', "given === stored['hash']"];
  const honest = ['token === undefined', "token === ''", 'token.length === 43', "typeof token === 'string'", 'given === String(given)'];
  const file = (conditions: readonly string[]) => declarations + conditions.map((condition, index) => `export const check${index} = () => ${condition};\n`).join('');
  const { rulesOf, passes } = lint({ plain: file(plain), honest: file(honest) });
  assert.ok(!passes);
  assert.deepEqual(rulesOf('plain'), plain.map(() => 'auth-password(no-plain-compare)'));
  assert.deepEqual(rulesOf('honest').filter((rule) => rule.startsWith('auth-password')), []);
});
