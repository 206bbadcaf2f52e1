import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Type from 'typebox';
import { Problem } from '#src/protections/app-core/problem.ts';
import { noContent } from '#src/protections/app-core/reply.ts';
import { type RouteModule, defineModule, route } from '#src/protections/app-core/route.ts';
import { takeAttempt } from '#src/protections/sessions/attempts.ts';
import { sendCookie } from '#src/protections/sessions/cookie.ts';
import { factorsOf } from '#src/protections/sessions/factors.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { sessionCookieName } from '#src/protections/sessions/read.ts';
import { type SignIn, signIn, signInFailed, signInRefused } from '#src/protections/sessions/sign-in.ts';
import { insertSession } from '#src/protections/sessions/store.ts';
import { closed } from '#src/protections/validation/core.ts';
import { uuid } from '#src/protections/validation/formats.ts';
import { findUser } from '#src/services/users/users.ts';
import { type TestApp, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { lint } from '#tests/support/database/lint-fixture.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { undeclaredWays, wayGaps } from '#tests/support/sessions/login-matrix.ts';
import { type DeclaredWay, loginWays, toDeclared } from '#tests/support/sessions/login-ways.ts';
import { makeUser, signedIn } from '#tests/support/sessions/people.ts';
import { fixtureRule, signInFixture } from '#tests/support/sessions/sign-in-fixture.ts';

/** What a fixture of a way does, and what one of them leaves out. */
interface Steps {
  readonly limit: (given: Given, userId: string) => Promise<void>;
  readonly refuse: (given: Given, way: string, userId: string | null) => Promise<Problem>;
  readonly open: (given: Given, options: SignIn) => Promise<unknown>;
}

const honest: Steps = {
  limit: ({ app }, userId) => takeAttempt(app, app.services.db.query, `fixture:${userId}`, fixtureRule),
  refuse: (given, way, userId) => signInFailed(given, { way, userId }),
  open: signIn,
};

const counted = new WeakMap<object, Map<string, number>>();

/** Counts in this process alone. */
const limitHere = async ({ app }: Given, userId: string): Promise<void> => {
  const counts = counted.get(app) ?? new Map<string, number>();
  counted.set(app, counts.set(userId, (counts.get(userId) ?? 0) + 1));
  if ((counts.get(userId) ?? 0) > fixtureRule.free + 1) throw new Problem(429, { headers: { 'retry-after': '30' } });
};

/** Opens a session by hand, as code would that never heard of signIn. */
const openByHand = async (given: Given, { userId, way }: SignIn): Promise<void> => {
  const session = { userId, way, state: 'full', limitedTo: null, client: '', address: '' } as const;
  sendCookie(given, sessionCookieName, await insertSession(given.app.services.db.query, session));
};

const kinds: Readonly<Record<string, Partial<Steps>>> = {
  honest: {},
  unlimited: { limit: async () => {} },
  'limited-here': { limit: limitHere },
  silent: { refuse: async () => signInRefused() },
  talkative: { refuse: async (given, way, userId) => (userId === null ? new Problem(404) : signInFailed(given, { way, userId })) },
  careless: { open: (given, options) => signIn(given, { ...options, factors: 'many' }) },
  'by-hand': { open: openByHand },
};

const proof = 'the right proof';

const wayRoute = (kind: string, steps: Steps) =>
  route(
    {
      method: 'POST',
      path: `/${kind}`,
      access: 'public',
      signsIn: kind,
      input: { body: closed({ userId: uuid(), proof: Type.String() }) },
      output: Type.Null(),
      summary: `Signs in, ${kind}`,
    },
    async (given) => {
      const { userId, proof: shown } = given.input.body;
      await steps.limit(given, userId);
      const user = await findUser(given.app.services.db.query, userId);
      if (user === undefined || shown !== proof) throw await steps.refuse(given, kind, user === undefined ? null : userId);
      await steps.open(given, { userId, way: kind, factors: 'one' });
      return noContent();
    },
  );

const fixtureWays: RouteModule = defineModule({
  id: 'ways-fixture',
  prefix: '/ways',
  routes: Object.entries(kinds).map(([kind, steps]) => wayRoute(kind, { ...honest, ...steps })),
});

const fixtureWay = (kind: string): DeclaredWay =>
  toDeclared({
    way: kind,
    route: `POST /ways/${kind}`,
    factors: 'one',
    tries: fixtureRule.free + 1,
    subjects: ({ userId }) => [`fixture:${userId}`],
    person: async (app: TestApp) => ({ userId: (await makeUser(app)).id }),
    right: (browser, { userId }) => browser.post(`/ways/${kind}`, { userId, proof }),
    wrong: (browser, { userId }) => browser.post(`/ways/${kind}`, { userId, proof: 'wrong' }),
    unknown: (browser) => browser.post(`/ways/${kind}`, { userId: randomUUID(), proof: 'wrong' }),
  });

const modules = [fixtureWays, signInFixture];
const apps = [await startApp({ modules }), await startApp({ modules })] as const;
const [app] = apps;

/** Routes of the app itself, without those that this file brings. */
const ownRoutes = app.context.routing.inventory.filter(({ fullPath }) => !fullPath.startsWith('/ways/') && !fullPath.startsWith('/fixture/'));

const sessionsOf = async (userId: string): Promise<number> =>
  (await app.context.services.db.query.selectFrom('sessions').select('id').where('user_id', '=', userId).execute()).length;

benign('whoever proves who they are by a way of the app is signed in', async () => {
  const person = await fixtureWay('honest').person(app);
  const browser = new Browser(app);
  assert.equal((await person.wrong(browser)).status, 401);
  assert.equal((await person.right(browser)).status, 204);
  assert.equal((await browser.get('/api/v1/me')).json()['id'], person.userId);
});

attack('A4', 'a way that does all that is asked of it has no gap', async () => {
  assert.deepEqual(await wayGaps(fixtureWay('honest'), apps), []);
});

attack('A4', 'every way to sign in: limits across processes, events, second factor, another cookie, one answer for whatever is wrong', async () => {
  const ways = await loginWays();
  assert.deepEqual(undeclaredWays(ownRoutes, ways), []);
  for (const way of ways) assert.deepEqual(await wayGaps(way, apps), []);
});

attack('A4', 'a new way without a declaration, and a declaration without a way, are gaps', async () => {
  const { inventory } = app.context.routing;
  assert.match(undeclaredWays(inventory, await loginWays()).join(), /POST \/ways\/unlimited signs in by `unlimited`, but no tests/);
  assert.match(undeclaredWays([], [fixtureWay('honest')]).join(), /POST \/ways\/honest is declared as the way `honest`, but there is no such route/);
  assert.match(undeclaredWays(inventory, [{ way: 'other', route: 'POST /ways/honest' }]).join(), /POST \/ways\/honest signs in by `honest`/);
});

attack('A4', 'ways that leave something out: the matrix names what', async () => {
  const expected: Readonly<Record<string, readonly RegExp[]>> = {
    unlimited: [/from many addresses, at two instances: no 429/],
    'limited-here': [/no 429/],
    silent: [/a wrong proof leaves no security event/],
    talkative: [/somebody unknown is answered differently/],
    careless: [/the second factor is not asked for/],
    'by-hand': [/a sign-in leaves no security event/, /the session from before the sign-in goes on/, /a disabled user gets in/, /second factor is not asked/],
  };
  for (const [kind, patterns] of Object.entries(expected)) {
    const gaps = (await wayGaps(fixtureWay(kind), apps)).join('\n');
    for (const pattern of patterns) assert.match(gaps, pattern, kind);
  }
});

attack('A4', 'a route that signs in without saying so: no session', async () => {
  const { id } = await makeUser(app);
  const browser = new Browser(app);
  assert.equal((await browser.post('/fixture/undeclared', { userId: id })).status, 500);
  assert.equal(browser.session, undefined);
  assert.equal(await sessionsOf(id), 0);
  assert.equal((await browser.post('/fixture/sign-in', { userId: id })).status, 200);
  assert.equal(await sessionsOf(id), 1);
});

attack('A4', 'a session that waits for its second factor, or for another password: nothing but that, and signing out', async () => {
  const user = await makeUser(app, { roles: ['admin'] });
  const codes = { 'second-factor': 'second_factor_required', 'password-change': 'password_change_required' } as const;
  const closedTo = app.context.routing.inventory.filter(({ access, credential = 'session' }) => access !== 'public' && access !== 'internal' && credential === 'session');
  for (const state of ['second-factor', 'password-change'] as const) {
    const browser = await signedIn(app, user, { state });
    for (const { method, fullPath, admits = [] } of closedTo) {
      if (admits.includes(state)) continue;
      const answer = await browser.send(method, fullPath.replaceAll(/:\w+/g, randomUUID()), method === 'GET' || method === 'DELETE' ? {} : { body: {} });
      assert.equal(answer.status, 403, `${method} ${fullPath}`);
      assert.equal(answer.json()['code'], codes[state]);
    }
    assert.deepEqual((await browser.get('/fixture/greeting')).json(), {}, 'on public routes it is nobody');
    assert.deepEqual((await browser.get('/fixture/half-open')).json(), { roles: [] });
    assert.equal((await browser.post('/auth/logout')).status, 204);
  }
  const full = await signedIn(app, user);
  assert.equal((await full.get('/fixture/admin')).status, 200);
  assert.deepEqual((await full.get('/fixture/greeting')).json(), { name: user.id });
  assert.deepEqual((await full.get('/fixture/half-open')).json(), { roles: ['admin'] });
});

attack('A4', 'a second factor that is behind it: the limit to the password stays, a renewal does not replace it, twice is not possible', async () => {
  const user = await makeUser(app);
  const { secondFactors } = factorsOf(app.context);
  secondFactors.push({ id: 'fixture', isEnrolled: async (_db, userId) => userId === user.id });
  const browser = new Browser(app);
  const outcome = await browser.post('/fixture/sign-in', { userId: user.id, limitedTo: 'password-change' });
  secondFactors.pop();
  assert.deepEqual(outcome.json(), { outcome: 'second-factor' });
  assert.equal((await browser.post('/fixture/renew')).status, 401);
  assert.equal((await browser.get('/api/v1/me')).json()['code'], 'second_factor_required');
  assert.equal((await browser.post('/fixture/second-factor')).status, 204);
  assert.equal((await browser.get('/api/v1/me')).json()['code'], 'password_change_required');
  assert.equal((await browser.post('/fixture/second-factor')).status, 403);
  assert.equal((await browser.post('/fixture/renew')).status, 204);
  assert.equal((await browser.get('/api/v1/me')).status, 200);
  const again = await browser.post('/fixture/second-factor');
  assert.equal(again.status, 401);
});

attack('A4', 'tries in parallel at two instances: no more get through than are free', async () => {
  const subject = `parallel:${randomUUID()}`;
  const taken = await Promise.allSettled(
    Array.from({ length: 30 }, (_each, index) => {
      const { context } = index % 2 === 0 ? apps[0] : apps[1];
      return takeAttempt(context, context.services.db.query, subject, fixtureRule);
    }),
  );
  assert.equal(taken.filter(({ status }) => status === 'fulfilled').length, fixtureRule.free);
  for (const result of taken) if (result.status === 'rejected') assert.ok(result.reason instanceof Problem && result.reason.status === 429);
});

attack('A4', 'a table of sessions that something else writes to: the linter refuses', async () => {
  const clean = `import type { Queries } from '#src/services/db/database.ts';\nexport const count = (db: Queries) => db.selectFrom('sessions').select('id').execute();\n`;
  assert.equal((await lint(clean)).code, 0);
  const fixtures = [
    `export const open = (db: any) => db.insertInto('sessions').values({}).execute();\n`,
    `export const open = (db: any) => db['insertInto']('sessions as s').values({}).execute();\n`,
    'import { sql } from "kysely";\nexport const open = sql`insert into sessions default values`;\n',
    `import { insertSession } from '#src/protections/sessions/store.ts';\nexport const open = insertSession;\n`,
  ];
  for (const source of fixtures) {
    const { code, report } = await lint(source);
    assert.notEqual(code, 0, source);
    assert.match(report, /only-sign-in-opens-sessions/, source);
  }
});
