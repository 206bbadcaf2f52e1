import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { type Cached, SessionCache } from '#src/protections/sessions/cache.ts';
import { endSessionsOf } from '#src/protections/sessions/sign-in.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { TestClock } from '#tests/support/clock.ts';
import { send } from '#tests/support/http.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { ageProof, ageSessions, makeUser, settled, signedIn } from '#tests/support/sessions/people.ts';
import { startProcess } from '#tests/support/sessions/process.ts';
import { signInFixture } from '#tests/support/sessions/sign-in-fixture.ts';

const app = await startApp({ modules: [signInFixture] });
/** Another process of the same app, as far as a test can have one. */
const other = await startApp({ modules: [signInFixture] });
const { db } = app.context.services;

const me = '/api/v1/me';
const statusOfMe = async (browser: Browser): Promise<number> => (await browser.get(me)).status;

const countSessions = async (userId: string): Promise<number> => (await db.query.selectFrom('sessions').select('id').where('user_id', '=', userId).execute()).length;

/** The cookies of a browser at another process. */
const at = (there: typeof app, browser: Browser): Browser => {
  const copy = new Browser(there);
  copy.setCookie('sid', browser.session ?? '');
  return copy;
};

/** The ids of the sessions that a browser lists, its own first. */
const listed = async (browser: Browser): Promise<string[]> => {
  const { items }: { items?: { id: string; current: boolean }[] } = (await browser.get('/auth/sessions')).json();
  return (items ?? []).toSorted((a, b) => Number(b.current) - Number(a.current)).map(({ id }) => id);
};

benign('somebody signs in, sees who they are and their sessions, and signs out', async () => {
  const user = await makeUser(app, { roles: ['editor'] });
  const browser = new Browser(app);
  assert.equal(await statusOfMe(browser), 401);
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  const signedInNow = await browser.post('/fixture/sign-in', { userId: user.id }, { headers: { 'user-agent': agent } });
  assert.deepEqual(signedInNow.json(), { outcome: 'signed-in' });
  assert.deepEqual((await browser.get(me)).json(), { id: user.id, email: user.email, roles: ['editor'] });
  const { items: [item] = [] }: { items?: Record<string, unknown>[] } = (await browser.get('/auth/sessions')).json();
  assert.deepEqual({ ...item, id: '', createdAt: '', lastSeenAt: '' }, { id: '', current: true, way: 'fixture', client: 'Firefox on Linux', address: browser.address, createdAt: '', lastSeenAt: '' });
  assert.equal((await browser.post('/auth/logout')).status, 204);
  assert.equal(browser.session, undefined);
  assert.equal(await statusOfMe(browser), 401);
});

benign('a session that is used goes on for hours; a poll and a fresh proof are answered', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  for (let hours = 0; hours < 11; hours += 0.4) {
    assert.equal(await statusOfMe(browser), 200);
    await ageSessions(app, user.id, 24);
  }
  assert.equal((await browser.get('/fixture/poll')).status, 200);
  assert.equal((await browser.post('/fixture/renew')).status, 204);
  assert.equal((await browser.post('/fixture/careful')).status, 204);
});

benign('a user ends another session of theirs, then all others', async () => {
  const user = await makeUser(app);
  const [here, there, elsewhere] = [await signedIn(app, user), await signedIn(app, user), await signedIn(app, user)];
  assert.equal((await here.delete(`/auth/sessions/${(await listed(there))[0]}`)).status, 204);
  assert.deepEqual([await statusOfMe(here), await statusOfMe(there), await statusOfMe(elsewhere)], [200, 401, 200]);
  assert.equal((await here.delete('/auth/sessions')).status, 204);
  assert.deepEqual([await statusOfMe(here), await statusOfMe(elsewhere)], [200, 401]);
  assert.equal((await here.delete(`/auth/sessions/${(await listed(here))[0]}`)).status, 204);
  assert.equal(await statusOfMe(here), 401);
});

attack('Q406', 'a cookie from before the sign-in opens nothing behind it, whoever it belonged to', async () => {
  const [mallory, alice] = [await makeUser(app), await makeUser(app)];
  const browser = await signedIn(app, mallory);
  const planted = browser.copy();
  assert.equal(await statusOfMe(planted), 200);
  await browser.post('/fixture/sign-in', { userId: alice.id });
  assert.notEqual(browser.session, planted.session);
  assert.equal((await browser.get(me)).json()['id'], alice.id);
  assert.equal(await statusOfMe(planted), 401);
  assert.equal(await countSessions(mallory.id), 0);
});

attack('Q406', 'a well-formed cookie that nobody issued is not taken over', async () => {
  const user = await makeUser(app);
  const browser = new Browser(app);
  const invented = 'A'.repeat(43);
  browser.setCookie('sid', invented);
  const planted = browser.copy();
  assert.equal(await statusOfMe(browser), 401);
  await browser.post('/fixture/sign-in', { userId: user.id });
  assert.notEqual(browser.session, invented);
  assert.match(browser.session ?? '', /^[\w-]{43}$/);
  assert.deepEqual([await statusOfMe(browser), await statusOfMe(planted)], [200, 401]);
});

attack('Q406', 'every step up gives another cookie: second factor, fresh proof, another password; the one before is dead', async () => {
  const user = await makeUser(app);
  const steps = [
    { state: 'full', path: '/fixture/renew' },
    { state: 'second-factor', path: '/fixture/second-factor' },
    { state: 'password-change', path: '/fixture/renew' },
  ] as const;
  for (const { state, path } of steps) {
    const browser = await signedIn(app, user, { state });
    const before = browser.copy();
    assert.equal((await browser.post(path)).status, 204, path);
    assert.notEqual(browser.session, before.session);
    assert.deepEqual([await statusOfMe(browser), await statusOfMe(before)], [200, 401], state);
    assert.equal((await before.post(path)).status, 401);
  }
});

attack('Q406', 'after signing out the cookie opens nothing, at no process', async () => {
  const browser = await signedIn(app);
  const replay = [browser.copy(), at(other, browser)];
  for (const copy of replay) assert.equal(await statusOfMe(copy), 200);
  const answer = await browser.post('/auth/logout');
  assert.equal(answer.status, 204);
  assert.match(String(answer.headers['set-cookie']), /^sid=; .*Max-Age=0/);
  await settled(other);
  for (const copy of replay) assert.equal(await statusOfMe(copy), 401);
});

attack('Q406', 'without a fresh proof no session is ended; nobody ends those of others', async () => {
  const user = await makeUser(app);
  const [here, there, mallory] = [await signedIn(app, user), await signedIn(app, user), await signedIn(app)];
  const [id = ''] = await listed(there);
  assert.equal((await mallory.delete(`/auth/sessions/${id}`)).status, 404);
  assert.equal((await mallory.delete('/auth/sessions')).status, 204);
  await ageProof(app, user.id);
  for (const path of [`/auth/sessions/${id}`, '/auth/sessions']) {
    const answer = await here.delete(path);
    assert.equal(answer.status, 403);
    assert.equal(answer.json()['code'], 'step_up_required');
  }
  assert.equal(await countSessions(user.id), 2);
  await here.post('/fixture/renew');
  assert.equal((await here.delete(`/auth/sessions/${id}`)).status, 204);
  assert.deepEqual([await statusOfMe(here), await statusOfMe(there)], [200, 401]);
});

attack('Q406', 'a dump of the table holds no cookie', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  const { rows } = await sql<{ row: string }>`select sessions::text as row from sessions where user_id = ${user.id}`.execute(db.query);
  assert.equal(rows.length, 1);
  const token = browser.session ?? 'none';
  const spellings = [token, Buffer.from(token).toString('hex'), Buffer.from(token, 'base64url').toString('hex'), Buffer.from(token).toString('base64url')];
  for (const spelling of spellings) assert.doesNotMatch(JSON.stringify(rows), new RegExp(RegExp.escape(spelling), 'i'));
  assert.equal(await statusOfMe(browser), 200);
});

attack('Q436', '31 minutes of silence: 401, and the row is gone; another process agrees', async () => {
  for (const there of [app, other]) {
    const user = await makeUser(app);
    const browser = await signedIn(app, user);
    assert.equal(await statusOfMe(browser), 200);
    await ageSessions(app, user.id, 31);
    await settled(there);
    const answer = await send(there, 'GET', me, { headers: { cookie: browser.cookies, accept: 'application/json' } });
    assert.equal(answer.status, 401, 'an API client is answered, not sent to a page');
    assert.equal(await countSessions(user.id), 0);
  }
});

attack('Q436', 'used every 20 minutes for 13 hours: over after 12', async () => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  let minutes = 0;
  for (; minutes < 13 * 60 && (await statusOfMe(browser)) === 200; minutes += 20) await ageSessions(app, user.id, 20);
  assert.equal(minutes, 12 * 60);
  assert.equal(await countSessions(user.id), 0);
});

attack('Q436', 'a page that asks every minute does not keep a session; a person does', async () => {
  for (const [path, expected] of [['/fixture/poll', 401], [me, 200]] as const) {
    const user = await makeUser(app);
    const browser = await signedIn(app, user);
    for (let minute = 1; minute < 30; minute += 1) {
      await ageSessions(app, user.id, 1);
      assert.equal((await browser.get(path)).status, 200);
    }
    await ageSessions(app, user.id, 2);
    assert.equal(await statusOfMe(browser), expected, path);
  }
});

attack('Q436', 'a session that waits for a second factor is over after minutes', async () => {
  const user = await makeUser(app);
  const [waiting, full] = [await signedIn(app, user, { state: 'second-factor' }), await signedIn(app, user)];
  await ageSessions(app, user.id, 11);
  assert.equal((await waiting.post('/fixture/second-factor')).status, 401);
  assert.equal(await statusOfMe(full), 200);
});

attack('Q436', 'a row without one of its stamps: 401, and gone', async () => {
  for (const column of ['created_at', 'last_seen_at'] as const) {
    const user = await makeUser(app);
    const browser = await signedIn(app, user);
    assert.equal(await statusOfMe(browser), 200);
    await db.query.updateTable('sessions').set({ [column]: null }).where('user_id', '=', user.id).execute();
    await settled(app);
    assert.equal(await statusOfMe(browser), 401, column);
    assert.equal(await countSessions(user.id), 0, column);
  }
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  await db.query.updateTable('sessions').set({ proven_at: null }).where('user_id', '=', user.id).execute();
  await settled(app);
  assert.equal((await browser.post('/fixture/careful')).status, 403);
});

attack('Q436', 'a machine whose clock is set back lengthens nothing', async () => {
  const past = await startApp({ modules: [signInFixture], clock: new TestClock(Date.UTC(2001, 0, 1)) });
  const user = await makeUser(app);
  const browser = at(past, await signedIn(app, user));
  assert.equal(await statusOfMe(browser), 200);
  past.clock.setWall(0);
  await ageSessions(past, user.id, 31);
  assert.equal(await statusOfMe(browser), 401);
  assert.equal(await countSessions(user.id), 0);
});

attack('Q436', 'signing in sweeps what others left behind', async () => {
  const user = await makeUser(app);
  await signedIn(app, user);
  await ageSessions(app, user.id, 31);
  assert.equal(await countSessions(user.id), 1);
  await new Browser(app).post('/fixture/sign-in', { userId: (await makeUser(app)).id });
  assert.equal(await countSessions(user.id), 0);
});

attack('Q436', 'the browser is told to forget at sign-out', async () => {
  const answer = await (await signedIn(app)).post('/auth/logout');
  assert.equal(answer.headers['clear-site-data'], '"cache", "storage"');
  assert.equal(answer.status, 204);
});

attack('Q436', 'ended, disabled or stripped of a role elsewhere, by plain SQL: seen at once by whoever has it in memory', async () => {
  const changes: readonly (readonly [path: string, expected: number, change: (userId: string) => Promise<unknown>])[] = [
    [me, 401, (userId) => db.query.deleteFrom('sessions').where('user_id', '=', userId).execute()],
    [me, 401, (userId) => db.query.updateTable('users').set({ disabled_at: new Date(app.clock.now()) }).where('id', '=', userId).execute()],
    [me, 401, (userId) => db.query.deleteFrom('users').where('id', '=', userId).execute()],
    ['/fixture/admin', 403, (userId) => db.query.updateTable('users').set({ roles: [] }).where('id', '=', userId).execute()],
    [me, 401, (userId) => db.transaction((tx) => endSessionsOf(tx, app.context, userId))],
  ];
  for (const [path, expected, change] of changes) {
    const user = await makeUser(app, { roles: ['admin'] });
    const browsers = [await signedIn(app, user), await signedIn(other, user)];
    for (const browser of [...browsers, ...browsers]) assert.equal((await browser.get(path)).status, 200);
    await change(user.id);
    for (const browser of browsers) {
      await settled(browser.app);
      assert.equal((await browser.get(path)).status, expected, `${path} ${change.toString()}`);
    }
  }
});

// The embedded database belongs to one process.
if (app.context.config.DATABASE_URL !== undefined) {
  attack('Q406', 'signed out in one process, by its user or by plain SQL: the cookie opens nothing in another', async () => {
    const elsewhere = await startProcess(app);
    const ends: readonly ((browser: Browser, userId: string) => Promise<unknown>)[] = [
      (browser) => browser.post('/auth/logout'),
      (_browser, userId) => db.query.updateTable('users').set({ disabled_at: new Date(app.clock.now()) }).where('id', '=', userId).execute(),
    ];
    for (const end of ends) {
      const user = await makeUser(app);
      const browser = await signedIn(app, user);
      const there = at(elsewhere, browser);
      assert.deepEqual([await statusOfMe(there), await statusOfMe(there)], [200, 200]);
      await end(browser, user.id);
      // The news travels as long as a request does; memory would answer for five seconds, which are hundreds of requests.
      const statuses: number[] = [];
      while (statuses.length < 20 && statuses.at(-1) !== 401) statuses.push(await statusOfMe(there));
      assert.equal(statuses.at(-1), 401);
    }
  });
}

/** A cache whose news are in the hands of the test. */
const cacheWithNews = () => {
  const news = { isUp: true, heard: (_userId: string): void => {}, lost: (): void => {} };
  const cache = new SessionCache((listener) => {
    Object.assign(news, listener);
    return { isUp: () => news.isUp };
  });
  const userId = randomUUID();
  const moment = new Date(0);
  const session = { id: randomUUID(), userId, way: 'test', state: 'full', provenAt: moment, createdAt: moment, isFresh: true } as const;
  const cached: Cached = { open: { session, actor: { id: userId, roles: [] }, digest: Buffer.alloc(32), data: {}, version: 0 }, touchAt: Infinity };
  return { cache, news, userId, cached };
};

benign('what was read moments ago is answered from memory', () => {
  const { cache, cached } = cacheWithNews();
  cache.put('key', cached, cache.epoch, 0);
  assert.equal(cache.get('key', 4999)?.open, cached.open);
});

attack('Q436', 'memory answers for five seconds, only while changes are heard of, never with what was read before one', () => {
  const kept = (change: (all: ReturnType<typeof cacheWithNews>) => void, now = 0): boolean => {
    const all = cacheWithNews();
    all.cache.put('key', all.cached, all.cache.epoch, 0);
    change(all);
    return all.cache.get('key', now) !== undefined;
  };
  assert.equal(kept(() => {}), true);
  assert.equal(kept(() => {}, 5000), false);
  assert.equal(kept(({ news }) => Object.assign(news, { isUp: false })), false);
  assert.equal(kept(({ news, userId }) => news.heard(userId)), false);
  assert.equal(kept(({ news }) => news.heard('somebody else')), true);
  assert.equal(kept(({ news }) => news.lost()), false);
  assert.equal(kept(({ cache }) => cache.clear()), false);

  const { cache, cached, news, userId } = cacheWithNews();
  const readAt = cache.epoch;
  news.heard(userId);
  cache.put('key', cached, readAt, 0);
  assert.equal(cache.get('key', 0), undefined, 'it was read before the news and kept behind it');
  news.isUp = false;
  cache.put('key', cached, cache.epoch, 0);
  news.isUp = true;
  assert.equal(cache.get('key', 0), undefined, 'it was kept while nothing was heard');
});

attack('Q436', 'sessions of a million users: memory keeps the latest ten thousand', () => {
  const { cache, cached } = cacheWithNews();
  for (let index = 0; index < 10_050; index += 1) cache.put(`key ${index}`, cached, cache.epoch, 0);
  assert.equal(cache.get('key 49', 0), undefined);
  assert.equal(cache.get('key 50', 0)?.open, cached.open);
});
