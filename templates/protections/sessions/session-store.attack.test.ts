import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import Type from 'typebox';
import { ConfigError } from '#src/config.ts';
import { noContent, ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { rotateKey } from '#src/protections/encryption/rotate.ts';
import { keyOf, seal } from '#src/protections/encryption/seal.ts';
import { digestOf } from '#src/protections/encryption/token.ts';
import { dataColumn, sessionValue } from '#src/protections/sessions/data.ts';
import { closed } from '#src/protections/validation/core.ts';
import { settleMs } from '#src/services/keys/ring.ts';
import { start as startKeys } from '#src/services/keys/service.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, send } from '#tests/support/http.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { makeUser, settled, signedIn } from '#tests/support/sessions/people.ts';
import { signInFixture } from '#tests/support/sessions/sign-in-fixture.ts';

const Step = closed({ step: Type.Integer(), note: Type.String({ maxLength: 10_000 }) });
const wizard = sessionValue('wizard', Step);
const theme = sessionValue('theme', Type.String({ maxLength: 10_000 }));

/** Lets requests write only when so many of them have come this far: all of them have read the session by then. */
let gate = { open: () => {}, passed: Promise.resolve(), missing: 0 };

const waitForOthers = (): Promise<void> => {
  gate.missing -= 1;
  if (gate.missing <= 0) gate.open();
  return gate.passed;
};

/** Keeps two values in the session. */
const values = defineModule({
  id: 'values-fixture',
  prefix: '/values',
  routes: [
    route(
      { method: 'GET', path: '/', access: 'user', input: {}, output: closed({ wizard: Type.Optional(Step), theme: Type.Optional(Type.String()) }), summary: 'Reads' },
      (given) => {
        const [step, colour] = [wizard.read(given), theme.read(given)];
        return ok({ ...(step === undefined ? {} : { wizard: step }), ...(colour === undefined ? {} : { theme: colour }) });
      },
    ),
    route({ method: 'PUT', path: '/wizard', access: 'user', input: { body: Step }, output: Type.Null(), summary: 'Writes one' }, async (given) => {
      await waitForOthers();
      await wizard.write(given, given.input.body);
      return noContent();
    }),
    route({ method: 'PUT', path: '/theme', access: 'user', input: { body: closed({ theme: Type.String() }) }, output: Type.Null(), summary: 'Writes the other' }, async (given) => {
      await waitForOthers();
      await theme.write(given, given.input.body.theme);
      return noContent();
    }),
    route({ method: 'DELETE', path: '/', access: 'user', input: {}, output: Type.Null(), summary: 'Removes' }, async (given) => {
      await theme.write(given, undefined);
      return noContent();
    }),
  ],
});

const app = await startApp({ modules: [values, signInFixture] });
const { db } = app.context.services;

const me = '/api/v1/me';
const keep = (browser: Browser, note: string): Promise<Received> => browser.put('/values/wizard', { step: 1, note });

const digestIn = (browser: Browser): Buffer => digestOf(browser.session ?? '');

const storedIn = async (browser: Browser): Promise<string> => {
  const row = await db.query.selectFrom('sessions').select('data').where('token_hash', '=', digestIn(browser)).executeTakeFirstOrThrow();
  return row.data ?? '';
};

const store = async (browser: Browser, data: string): Promise<void> => {
  await db.query.updateTable('sessions').set({ data }).where('token_hash', '=', digestIn(browser)).execute();
  await settled(app);
};

/** Content of somebody who has the keys. */
const sealedFor = (browser: Browser, text: string): string => seal(app.context, { ...dataColumn, row: `\\x${digestIn(browser).toString('hex')}` }, text);

const countUnreadable = async (userId: string): Promise<number> => {
  const events = db.query.selectFrom('security_events').select('id').where('user_id', '=', userId).where('type', '=', 'session.unreadable');
  return (await events.execute()).length;
};

benign('values are kept, changed and removed, move along with the session, and are gone with the next sign-in', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  assert.equal((await keep(browser, 'first')).status, 204);
  assert.equal((await browser.put('/values/theme', { theme: 'dark' })).status, 204);
  const both = { wizard: { step: 1, note: 'first' }, theme: 'dark' };
  assert.deepEqual((await browser.get('/values')).json(), both);
  assert.equal((await browser.post('/fixture/renew')).status, 204);
  assert.deepEqual((await browser.get('/values')).json(), both);
  assert.equal((await browser.delete('/values')).status, 204);
  assert.deepEqual((await browser.get('/values')).json(), { wizard: both.wizard });
  await browser.post('/fixture/sign-in', { userId: user.id });
  assert.deepEqual((await browser.get('/values')).json(), {});
});

attack('Q452', 'a marker in a session is nowhere in the table', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  const marker = 'marker-7c1b';
  await keep(browser, marker);
  assert.match((await browser.get('/values')).text, /marker-7c1b/);
  const { rows } = await sql<{ row: string }>`select sessions::text as row from sessions where user_id = ${user.id}`.execute(db.query);
  assert.equal(rows.length, 1);
  for (const spelling of [marker, Buffer.from(marker).toString('base64'), Buffer.from(marker).toString('base64url'), Buffer.from(marker).toString('hex')]) {
    assert.ok(!JSON.stringify(rows).includes(spelling.replace(/=+$/, '')), spelling);
  }
});

attack('Q452', 'values of two sessions swapped, one byte changed, the tag cut: nobody is signed in, and somebody is told', async () => {
  const tamper: Readonly<Record<string, (own: string, foreign: string) => string>> = {
    swapped: (_own, foreign) => foreign,
    'one byte': (own) => own.slice(0, -4) + (own.at(-4) === 'A' ? 'B' : 'A') + own.slice(-3),
    'short tag': (own) => own.slice(0, -16),
    'no tag': (own) => own.split('.').slice(0, 3).join('.'),
    'plain text': () => JSON.stringify({ wizard: { step: 9, note: 'planted' } }),
  };
  for (const [how, change] of Object.entries(tamper)) {
    const user = await makeUser(app);
    const [mine, other] = [await signedIn(app, user), await signedIn(app)];
    await keep(mine, 'mine');
    await keep(other, 'others');
    assert.equal((await mine.get('/values')).status, 200);
    await store(mine, change(await storedIn(mine), await storedIn(other)));
    assert.equal((await mine.get('/values')).status, 401, how);
    assert.equal(await countUnreadable(user.id), 1, how);
    assert.match((await other.get('/values')).text, /others/);
  }
});

attack('Q452', 'production without a key does not start', async () => {
  const { config, clock, log, services } = app.context;
  const start = (MASTER_KEY_FILE: string) => startKeys({ config: { ...config, NODE_ENV: 'production', MASTER_KEY_FILE }, clock, log }, services);
  await start(config.MASTER_KEY_FILE);
  await assert.rejects(start(join(tmpdir(), randomUUID())), ConfigError);
});

attack('Q452', 'after the keys were rotated earlier sessions still open', async () => {
  const browser = await signedIn(app);
  await keep(browser, 'before');
  const before = await storedIn(browser);
  await rotateKey(app.context, 'sealing');
  app.clock.advance(settleMs);
  assert.match((await browser.get('/values')).text, /before/);
  await keep(browser, 'behind');
  assert.match((await browser.get('/values')).text, /behind/);
  assert.notEqual(keyOf(await storedIn(browser)), keyOf(before));
});

attack('Q473', 'prototypes, functions and foreign shapes in a stored session: no more than nothing', async () => {
  const marker = join(tmpdir(), `executed-${randomUUID()}`);
  const payload = `_$$ND_FUNC$$_function(){require('fs').writeFileSync(${JSON.stringify(marker)}, '')}()`;
  const contents = [
    '{"__proto__":{"roles":["admin"],"isAdmin":true}}',
    '{"wizard":{"step":1,"note":"x","__proto__":{"roles":["admin"]}}}',
    '{"constructor":{"prototype":{"roles":["admin"]}}}',
    JSON.stringify({ wizard: payload, theme: { rce: payload } }),
    '{"wizard":{"step":"1","note":"x"}}',
    '{"wizard":{"step":1,"note":"x","more":true}}',
  ];
  for (const content of contents) {
    const browser = await signedIn(app);
    assert.equal((await browser.get('/values')).status, 200);
    await store(browser, sealedFor(browser, content));
    assert.deepEqual((await browser.get('/values')).json(), {}, content);
    assert.equal((await browser.get('/fixture/admin')).status, 403);
    assert.equal(Reflect.get({}, 'isAdmin'), undefined);
    assert.equal(Reflect.get({}, 'roles'), undefined);
  }
  assert.equal(existsSync(marker), false);
});

attack('Q473', 'what is no object at all ends the session', async () => {
  for (const content of ['[1]', '"text"', 'null', '{', '']) {
    const user = await makeUser(app);
    const browser = await signedIn(app, user);
    await store(browser, sealedFor(browser, content));
    assert.equal((await browser.get(me)).status, 401, content);
    assert.equal(await countUnreadable(user.id), 1);
  }
});

attack('Q473', 'cookies that are signed, cut, encoded or content themselves: nobody', async () => {
  const browser = await signedIn(app);
  const token = browser.session ?? '';
  assert.equal((await browser.get(me)).status, 200);
  const content = Buffer.from(JSON.stringify({ userId: randomUUID(), roles: ['admin'] })).toString('base64url');
  for (const value of [`${token}.c2lnbmF0dXJl`, `s%3A${token}.sig`, token.slice(1), `${token}A`, `"${token}"`, content, `${content}.${token}`, 'eyJhbGciOiJub25lIn0.e30.', '', '{}']) {
    assert.equal((await send(app, 'GET', me, { headers: { cookie: `sid=${value}` } })).status, 401, value);
  }
});

attack('Q473', 'a role that is written into a session: still none', async () => {
  const [user, admin] = [await makeUser(app), await makeUser(app, { roles: ['admin'] })];
  assert.equal((await (await signedIn(app, admin)).get('/fixture/admin')).status, 200);
  const browser = await signedIn(app, user);
  await store(browser, sealedFor(browser, '{"role":"admin","roles":["admin"],"theme":"dark"}'));
  assert.deepEqual((await browser.get('/values')).json(), { theme: 'dark' });
  assert.equal((await browser.get('/fixture/admin')).status, 403);
});

attack('Q473', 'a megabyte in a stored session: dropped before it is opened', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  await store(browser, sealedFor(browser, JSON.stringify({ theme: 'x'.repeat(1_000_000) })));
  assert.equal((await browser.get('/values')).status, 401);
  assert.equal(await countUnreadable(user.id), 1);
});

attack('G2', 'a thousand reads by nobody: no cookie, no row', async () => {
  const addresses: string[] = [];
  for (let machine = 0; machine < 25; machine += 1) {
    const browser = new Browser(app);
    addresses.push(browser.address);
    const answers = await Promise.all(Array.from({ length: 40 }, () => browser.get('/fixture/greeting')));
    for (const { status, headers } of answers) assert.deepEqual([status, headers['set-cookie']], [200, undefined]);
  }
  const known = await signedIn(app);
  const rowsFrom = (of: readonly string[]) => db.query.selectFrom('sessions').select('address').where('address', 'in', of).execute();
  assert.deepEqual(await rowsFrom(addresses), []);
  assert.equal((await rowsFrom([known.address])).length, 1);
});

attack('G2', 'two requests that write at the same time: both are kept, or one is told', async () => {
  const browser = await signedIn(app);
  assert.equal((await keep(browser, 'before')).status, 204);
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = { open: resolve, passed: promise, missing: 2 };
  const [step, colour] = await Promise.all([browser.put('/values/wizard', { step: 2, note: 'mine' }), browser.put('/values/theme', { theme: 'dark' })]);
  assert.deepEqual([step.status, colour.status].toSorted((a, b) => a - b), [204, 409]);
  const kept = step.status === 204 ? { wizard: { step: 2, note: 'mine' } } : { wizard: { step: 1, note: 'before' }, theme: 'dark' };
  assert.deepEqual((await browser.get('/values')).json(), kept);
  assert.equal((await browser.put('/values/theme', { theme: 'light' })).status, 204);
  assert.deepEqual((await browser.get('/values')).json(), { ...kept, theme: 'light' });
});

attack('G2', 'more than fits: 413, and what was there stays', async () => {
  const browser = await signedIn(app);
  await keep(browser, 'small');
  assert.equal((await keep(browser, 'x'.repeat(4000))).status, 413);
  assert.deepEqual((await browser.get('/values')).json(), { wizard: { step: 1, note: 'small' } });
});

attack('G2', 'the cookie says nothing, in whatever encoding', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  await keep(browser, 'marker-9f');
  assert.equal((await browser.get('/values')).status, 200);
  const token = browser.session ?? '';
  for (const text of [token, Buffer.from(token, 'base64url').toString('latin1')]) {
    for (const content of ['marker-9f', user.id, user.email, 'wizard']) assert.ok(!text.includes(content));
  }
  assert.equal(Buffer.from(token, 'base64url').length, 32);
});
