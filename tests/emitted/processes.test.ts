import { createHmac, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateSync } from 'otplib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Target, targets } from '../../src/manifest.ts';
import { allProtections, emitApp } from './emitted-app.ts';
import { MailServer } from './mail-server.ts';
import { type Answer, Client, ServerProcess } from './server-process.ts';
import { until } from './until.ts';

const { TEST_DATABASE_URL: ownerUrl, TEST_REDIS_URL: redisUrl } = process.env;

/** A feature of a user: it leaves work that writes a document and a mail. `HANG_IN_JOBS` stops it in the middle. */
const feature = `
import { setTimeout as wait } from 'node:timers/promises';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import { defineJob } from '#src/protections/jobs/job.ts';
import { closed } from '#src/protections/validation/core.ts';
import { text, uuid } from '#src/protections/validation/formats.ts';
import { documentsOf } from '#src/routes/documents/repository.ts';

const write = defineJob({
  type: 'slow.write',
  payload: closed({ title: text(100, 1) }),
  authorise: () => true,
  run: async ({ payload, actor, tx, app, job }) => {
    await documentsOf(actor, tx).create({ title: payload.title, body: '' }, new Date(app.clock.now()));
    app.log.info({ title: payload.title, attempt: job.attempt }, 'in the middle of a job');
    await wait(Number(process.env['HANG_IN_JOBS'] ?? '0'));
    await app.services.mailer.send({ to: payload.title + '@example.test', subject: 'Written', text: payload.title });
    return 'at attempt ' + job.attempt;
  },
});

export const slow = defineModule({
  id: 'slow',
  prefix: '/api/v1/slow',
  jobs: [write],
  routes: [
    route(
      { method: 'POST', path: '/', access: 'user', input: { body: closed({ title: text(100, 1) }) }, output: closed({ id: uuid() }), summary: 'Leaves work' },
      async ({ input, app, context }) => {
        const id = await app.services.db.transaction((tx) => enqueue(tx, app, write, input.body, { actor: actorOf(context) }));
        return { status: 202, headers: {}, json: { id } };
      },
    ),
  ],
});
`;

/** The whole app, with the feature. */
const emitWithFeature = (target: Target) => {
  const app = emitApp('processes', target, allProtections);
  const routes = path.join(app.directory, 'src/routes');
  mkdirSync(path.join(routes, 'slow'), { recursive: true });
  writeFileSync(path.join(routes, 'slow/module.ts'), feature);
  const index = path.join(routes, 'index.ts');
  const registry = readFileSync(index, 'utf8');
  const entry = 'export const routes: readonly RouteModule[] = [';
  if (!registry.includes(entry)) throw new Error('The registry of routes looks otherwise.');
  writeFileSync(index, `import { slow } from './slow/module.ts';\n${registry.replace(entry, `${entry}\n  slow,`)}`);
  return app;
};

/** Makes a database of this run alone on the server, and drops it behind the tests. */
const makeDatabase = async (owner: string, migrate: (env: Readonly<Record<string, string>>) => Promise<unknown>): Promise<{ readonly app: string; readonly owner: string }> => {
  const name = `test_run_${Date.now()}_${randomUUID().slice(0, 8)}`;
  const admin = async (statement: string): Promise<void> => {
    const client = new pg.Client(owner);
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await admin(`create database ${name}`);
  afterAll(() => admin(`drop database if exists ${name} with (force)`));
  const [ofOwner, ofApp] = [new URL(owner), new URL(owner)];
  for (const url of [ofOwner, ofApp]) url.pathname = `/${name}`;
  ofApp.username = 'app_rt';
  ofApp.password = 'app_rt';
  await migrate({ DATABASE_URL: ofApp.href, MIGRATION_DATABASE_URL: ofOwner.href });
  return { app: ofApp.href, owner: ofOwner.href };
};

const password = 'four words that differ';
const webhookSecret = `whsec_${randomUUID()}`;

const crossProcesses = (target: Target, ownerOfAll: string): void => {
  const mailServer = new MailServer();
  const running: ServerProcess[] = [];
  let common: Readonly<Record<string, string>> = {};
  let directory = '';
  let database: pg.Pool | undefined;
  let [a, b]: ServerProcess[] = [];

  const start = async (env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> => {
    const server = await ServerProcess.start(directory, { ...common, ...env });
    running.push(server);
    return server;
  };
  /** The two processes that most tests cross. */
  const pair = (): readonly [ServerProcess, ServerProcess] => {
    if (a === undefined || b === undefined) throw new Error('The processes did not start.');
    return [a, b];
  };

  beforeAll(async () => {
    const app = emitWithFeature(target);
    ({ directory } = app);
    const urls = await makeDatabase(ownerOfAll, (env) => app.run('npm run --silent migrate', env));
    database = new pg.Pool({ connectionString: urls.owner, max: 2 });
    const redis = redisUrl === undefined ? {} : { REDIS_URL: redisUrl, REDIS_PREFIX: `test:${randomUUID()}:` };
    const mail = { SMTP_URL: await mailServer.start(), MAIL_FROM: 'app@example.test' };
    common = { DATABASE_URL: urls.app, ...redis, ...mail, BASE_URL: 'http://app.test', WEBHOOK_SECRETS: `stripe:${webhookSecret}`, JOBS_POLL_MS: '50', JOBS_LEASE_MS: '1000' };
    // One behind the other: the first makes the master key.
    a = await start();
    b = await start();
  });

  afterAll(async () => {
    for (const server of running) await server.kill();
    mailServer.stop();
    await database?.end();
  });

  /** What a mail promises holds when the job that sent it is committed: a moment later than a machine can read it. */
  const committed = () => until(async () => ((await database?.query("select from jobs where queue = 'default' and status = 'running'"))?.rowCount === 0 ? true : undefined));

  /** What the newest mail says behind `?name=`. */
  const secretFor = async (address: string, name: string, count = 1): Promise<string> => {
    const { text } = await mailServer.wait(address, count);
    await committed();
    const secret = new RegExp(`[?&]${name}=([\\w-]+)`).exec(text)?.[1];
    if (secret === undefined) throw new Error(`No ${name} in the mail:\n${text}`);
    return secret;
  };

  /** Signs up on one process and proves the address on the other. */
  const newAccount = async (): Promise<string> => {
    const [first, second] = pair();
    const email = `${randomUUID()}@example.test`;
    const client = new Client();
    expect((await client.post(first, '/auth/register', { email, password })).status).toBe(202);
    const code = await secretFor(email, 'code');
    expect((await client.post(second, '/auth/verify-email', { code, password })).status).toBe(204);
    return email;
  };

  const signIn = async (server: ServerProcess, email: string, client = new Client(), word = password): Promise<Client> => {
    const answer = await client.post(server, '/auth/login', { email, password: word });
    expect(answer.status).toBe(200);
    return client;
  };

  const isSignedIn = async (server: ServerProcess, client: Client): Promise<boolean> => (await client.get(server, '/api/v1/me')).status === 200;

  /** A cached session is dropped when the other process says so, which takes a moment. */
  const isSignedOutSoon = (server: ServerProcess, client: Client): Promise<boolean> =>
    until(async () => ((await isSignedIn(server, client)) ? undefined : true), 2000);

  const statuses = (answers: readonly Answer[]): number[] => answers.map(({ status }) => status).toSorted((x, y) => x - y);

  /** How many documents of the client have the title: the effects of a job. */
  const written = async (server: ServerProcess, client: Client, title: string): Promise<number> => {
    const { items } = (await client.get(server, `/api/v1/documents/search?q=${title}`)).json;
    return Array.isArray(items) ? items.length : Number.NaN;
  };

  test('a session made on one works on the other; signed out on one, it is over on the other', async () => {
    const [first, second] = pair();
    const email = await newAccount();
    const client = await signIn(first, email);
    const { status, json } = await client.get(second, '/api/v1/me');
    expect([status, json['email']]).toEqual([200, email]);
    const thief = client.copy();
    expect(await isSignedIn(second, thief)).toBe(true);
    // The CSRF token of one process is one of the other.
    expect((await client.post(first, '/auth/logout', undefined, second)).status).toBe(204);
    expect(await isSignedIn(first, thief)).toBe(false);
    expect(await isSignedOutSoon(second, thief)).toBe(true);
    expect(await isSignedIn(first, await signIn(second, email))).toBe(true);
  });

  test('a code of a sign-up makes one account, though both processes get it at once', async () => {
    const [first, second] = pair();
    const email = `${randomUUID()}@example.test`;
    expect((await new Client().post(first, '/auth/register', { email, password })).status).toBe(202);
    const code = await secretFor(email, 'code');
    const answers = await Promise.all([first, second, first, second].map((server) => new Client().post(server, '/auth/verify-email', { code, password })));
    // Those that come too late are wrong, or too many.
    expect(statuses(answers).map((status) => (status === 204 ? 204 : Math.floor(status / 100)))).toEqual([204, 4, 4, 4]);
    await signIn(second, email);
    expect(mailServer.to(email).length).toBe(1);
  });

  test('wrong passwords are counted across', async () => {
    const [first, second] = pair();
    const email = await newAccount();
    const guesser = new Client();
    const guess = (server: ServerProcess) => guesser.post(server, '/auth/login', { email, password: `wrong ${randomUUID()}` });
    const answers: Answer[] = [];
    for (let index = 0; index < 8; index += 1) answers.push(await guess(index % 2 === 0 ? first : second));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    // The right one has to wait as well, on both.
    for (const server of pair()) expect((await guesser.post(server, '/auth/login', { email, password })).status).toBe(429);
    await signIn(second, await newAccount(), guesser);
  });

  test('wrong passwords that come at once are counted across', async () => {
    const email = await newAccount();
    const guesser = new Client();
    await guesser.get(pair()[0], '/auth/csrf');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => guesser.post(pair()[index % 2 === 0 ? 0 : 1], '/auth/login', { email, password: `wrong ${index}` })));
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
    expect(answers.every(({ status }) => status === 401 || status === 429 || status === 503)).toBe(true);
  });

  test('limits on requests are counted across', async ({ skip }) => {
    if (redisUrl === undefined) {
      console.warn(`NOT TESTED on ${target}: limits that processes share. Set TEST_REDIS_URL.`);
      skip();
    }
    const client = new Client();
    const answers: Answer[] = [];
    for (let index = 0; index < 8; index += 1) answers.push(await client.post(pair()[index % 2 === 0 ? 0 : 1], '/auth/password/forgot', { email: 'nobody@example.test' }));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 429, 429, 429]);
  });

  test('a token from a mail that was used on one is dead on the other, and so is every session', async () => {
    const [first, second] = pair();
    const email = await newAccount();
    const before = await signIn(second, email);
    const client = new Client();
    expect((await client.post(first, '/auth/password/forgot', { email })).status).toBe(202);
    const token = await secretFor(email, 'token', 2);
    const [changed, again] = ['another four words here', 'and four others beside'];
    expect((await client.post(first, '/auth/password/reset', { token, password: changed })).status).toBe(204);
    expect((await client.post(second, '/auth/password/reset', { token, password: again })).status).toBe(400);
    expect(await isSignedOutSoon(second, before)).toBe(true);
    await signIn(second, email, new Client(), changed);

    // Count the mails: sign-up, first token, notice of the change, second token.
    expect((await client.post(second, '/auth/password/forgot', { email })).status).toBe(202);
    await mailServer.wait(email, 4);
    await committed();
    const next = /[?&]token=([\w-]+)/.exec(mailServer.to(email).findLast(({ text }) => text.includes('token='))?.text ?? '')?.[1];
    expect(next).not.toBe(token);
    const answers = await Promise.all([first, second].map((server) => new Client().post(server, '/auth/password/reset', { token: next, password: again })));
    expect(statuses(answers)).toEqual([204, 400]);
    await signIn(first, email, new Client(), again);
  });

  test('a one-time code that one accepted is refused by the other, also when both get it at once', async () => {
    const [first, second] = pair();
    const email = await newAccount();
    const owner = await signIn(first, email);
    const secret = String((await owner.post(first, '/auth/totp/enrolment')).json['secret']);
    const codeAt = (steps: number): string => generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + 30 * steps });
    const confirmed = await owner.post(second, '/auth/totp/enrolment/confirm', { code: codeAt(-1) });
    expect(confirmed.status).toBe(200);

    const halfSignedIn = async (server: ServerProcess): Promise<Client> => {
      const client = await signIn(server, email);
      expect((await client.get(server, '/api/v1/me')).status).toBe(403);
      return client;
    };
    const [one, two, three, four] = [await halfSignedIn(first), await halfSignedIn(second), await halfSignedIn(first), await halfSignedIn(second)];
    const code = codeAt(0);
    expect((await one.post(first, '/auth/totp/verify', { code })).status).toBe(204);
    expect((await two.post(second, '/auth/totp/verify', { code })).status).toBe(401);
    expect([await isSignedIn(second, one), await isSignedIn(second, two)]).toEqual([true, false]);

    const next = codeAt(1);
    const answers = await Promise.all([three.post(first, '/auth/totp/verify', { code: next }), four.post(second, '/auth/totp/verify', { code: next })]);
    expect(statuses(answers)).toEqual([204, 401]);

    // Recovery codes, too; and the other process would have taken an unused one.
    const { recoveryCodes } = confirmed.json;
    const [spare, unused] = Array.isArray(recoveryCodes) ? recoveryCodes.map(String) : [];
    const [five, six] = [await halfSignedIn(first), await halfSignedIn(second)];
    const recovered = await Promise.all([five.post(second, '/auth/totp/recovery', { code: spare }), six.post(first, '/auth/totp/recovery', { code: spare })]);
    expect(statuses(recovered)).toEqual([204, 401]);
    expect((await (await halfSignedIn(second)).post(second, '/auth/totp/recovery', { code: unused })).status).toBe(204);
  });

  test('a webhook message that both get at once, and again when it is long done, is done once', async () => {
    const body = { id: `evt_${randomUUID()}`, type: 'payment_intent.succeeded', data: { object: { id: 'pi_1', amount: 700, currency: 'eur' } } };
    const sentTo = (server: ServerProcess): Promise<Answer> => {
      const at = Math.floor(Date.now() / 1000);
      const signature = createHmac('sha256', webhookSecret).update(`${at}.${JSON.stringify(body)}`).digest('hex');
      return new Client().tell(server, '/webhooks/stripe', { 'stripe-signature': `t=${at},v1=${signature}` }, body);
    };
    const [first, second] = pair();
    expect(statuses(await Promise.all([first, second, first, second].map(sentTo)))).toEqual([202, 204, 204, 204]);
    const runs = (): number => pair().reduce((sum, { output }) => sum + output.split(`"event":"${body.id}"`).length - 1, 0);
    await until(() => (runs() > 0 ? true : undefined));
    await committed();
    expect(statuses(await Promise.all([first, second].map(sentTo)))).toEqual([204, 204]);
    await committed();
    expect(runs()).toBe(1);
  });

  test('jobs that both left and both take are done once each', async () => {
    const client = await signIn(pair()[0], await newAccount());
    const titles = Array.from({ length: 24 }, () => `job-${randomUUID()}`);
    const left = await Promise.all(titles.map((title, index) => client.post(pair()[index % 2 === 0 ? 0 : 1], '/api/v1/slow', { title })));
    expect(new Set(left.map(({ status }) => status))).toEqual(new Set([202]));
    await Promise.all(titles.map((title) => mailServer.wait(`${title}@example.test`)));
    const done = (id: unknown) => until(async () => ((await client.get(pair()[1], `/api/v1/jobs/${String(id)}`)).json['status'] === 'done' ? true : undefined));
    await Promise.all(left.map(({ json }) => done(json['id'])));
    for (const title of titles) {
      expect(await written(pair()[0], client, title)).toBe(1);
      expect(mailServer.to(`${title}@example.test`).length).toBe(1);
    }
    const [byFirst, bySecond] = pair().map(({ output }) => output.split('in the middle of a job').length - 1);
    expect((byFirst ?? 0) + (bySecond ?? 0)).toBe(titles.length);
    expect([byFirst, bySecond]).not.toContain(0);
  });

  test('the process that runs a job is killed in the middle: the other finishes it, once', async () => {
    const queue = { JOBS_QUEUE: `kill-${randomUUID()}`, IDLE_TRANSACTION_TIMEOUT_MS: '600000' };
    const client = await signIn(pair()[0], await newAccount());
    const doomed = await start({ ...queue, HANG_IN_JOBS: '600000' });
    const title = `killed-${randomUUID()}`;
    const { status, json } = await client.post(doomed, '/api/v1/slow', { title });
    expect(status).toBe(202);
    await until(() => (doomed.output.includes(title) ? true : undefined));

    const survivor = await start(queue);
    const job = async () => (await client.get(survivor, `/api/v1/jobs/${String(json['id'])}`)).json;
    // Longer than the lease: as long as the first lives, the job is its own.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect((await job())['status']).toBe('running');
    expect(survivor.output).not.toContain(title);
    expect(await written(survivor, client, title)).toBe(0);

    await doomed.kill();
    await until(async () => ((await job())['status'] === 'done' ? true : undefined));
    expect((await job())['result']).toBe('at attempt 2');
    expect(await written(survivor, client, title)).toBe(1);
    expect(mailServer.to(`${title}@example.test`).length).toBe(1);
  });

  test('a process that is asked to stop finishes its job first', async () => {
    const queue = { JOBS_QUEUE: `stop-${randomUUID()}` };
    const client = await signIn(pair()[0], await newAccount());
    const stopping = await start({ ...queue, HANG_IN_JOBS: '1500' });
    const title = `stopped-${randomUUID()}`;
    const { json } = await client.post(stopping, '/api/v1/slow', { title });
    await until(() => (stopping.output.includes(title) ? true : undefined));
    expect(await stopping.stop()).toBe(0);
    const { status, result } = (await client.get(pair()[0], `/api/v1/jobs/${String(json['id'])}`)).json;
    expect([status, result]).toEqual(['done', 'at attempt 1']);
    expect(await written(pair()[1], client, title)).toBe(1);
  });

  test('a process whose job never ends is ended after its grace, and another does the job', async () => {
    const queue = { JOBS_QUEUE: `stuck-${randomUUID()}` };
    const client = await signIn(pair()[0], await newAccount());
    const stuck = await start({ ...queue, HANG_IN_JOBS: '600000', SHUTDOWN_GRACE_MS: '500' });
    const title = `stuck-${randomUUID()}`;
    const { json } = await client.post(stuck, '/api/v1/slow', { title });
    await until(() => (stuck.output.includes(title) ? true : undefined));
    expect(await stuck.stop()).toBe(1);
    const next = await start(queue);
    const job = async () => (await client.get(next, `/api/v1/jobs/${String(json['id'])}`)).json;
    await until(async () => ((await job())['status'] === 'done' ? true : undefined));
    expect(await written(next, client, title)).toBe(1);
  });
};

describe.each(targets)('two processes of %s on one PostgreSQL', (target) => {
  if (ownerUrl !== undefined) return crossProcesses(target, ownerUrl);
  console.warn(`NOT TESTED on ${target}: several processes on one PostgreSQL. Set TEST_DATABASE_URL and TEST_REDIS_URL, as .ci/run does.`);
  test('NOT TESTED: set TEST_DATABASE_URL', ({ skip }) => {
    skip(ownerUrl === undefined, 'There is no server.');
    expect(ownerUrl).toBeDefined();
  });
});
