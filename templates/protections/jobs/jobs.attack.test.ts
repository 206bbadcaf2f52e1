import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Type from 'typebox';
import { processFacts } from '#src/config.ts';
import { foundOr404 } from '#src/protections/access-control/missing.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { bootCheck } from '#src/protections/jobs/boot-check.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import { defineJob } from '#src/protections/jobs/job.ts';
import { jobsOf } from '#src/protections/jobs/jobs.ts';
import { deleteOldJobs } from '#src/protections/jobs/old-rows.ts';
import { type Claimed, claim, runClaimed } from '#src/protections/jobs/run.ts';
import { closed } from '#src/protections/validation/core.ts';
import { email, uuid } from '#src/protections/validation/formats.ts';
import { documentsOf } from '#src/routes/documents/repository.ts';
import { addUser } from '#src/services/users/users.ts';
import { as, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { TestClock } from '#tests/support/clock.ts';
import { send } from '#tests/support/http.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';
import { mailsOf } from '#tests/support/mailer.ts';

const day = 86_400_000;

/** How often each kind of work was really begun. */
const begun = { publish: 0, audit: 0, careless: 0, flaky: 0, poison: 0, stolen: 0 };

/** Publishes a document: only its owner may. */
const publish = defineJob({
  type: 'fixture.publish',
  payload: closed({ document: uuid() }),
  authorise: async ({ payload, actor, tx }) => (await documentsOf(actor, tx).find(payload.document)) !== undefined,
  run: async ({ payload, actor, tx, app: { clock }, job }) => {
    begun.publish += 1;
    await documentsOf(actor, tx).comment(payload.document, `published by ${job.id}`, new Date(clock.now()));
    return `published ${payload.document}`;
  },
});

/** For a role, and about nothing in particular. */
const audit = defineJob({
  type: 'fixture.audit',
  payload: closed({}),
  authorise: ({ actor }) => actor.roles.includes('auditor'),
  run: async () => {
    begun.audit += 1;
  },
});

/** Without a rule of its own: it writes first and asks for the object later. */
const careless = defineJob({
  type: 'fixture.careless',
  payload: closed({ own: uuid(), other: uuid() }),
  authorise: () => true,
  run: async ({ payload, actor, tx, app: { clock } }) => {
    begun.careless += 1;
    const documents = documentsOf(actor, tx);
    await documents.comment(payload.own, 'careless', new Date(clock.now()));
    foundOr404(await documents.change(payload.other, { title: 'taken over' }, new Date(clock.now())));
  },
});

/** Fails twice, each time behind its write. */
const flaky = defineJob({
  type: 'fixture.flaky',
  payload: closed({ document: uuid() }),
  authorise: () => true,
  run: async ({ payload, actor, tx, app: { clock }, job }) => {
    begun.flaky += 1;
    await documentsOf(actor, tx).comment(payload.document, 'flaky', new Date(clock.now()));
    if (job.attempt < 3) throw new Error('fixture');
  },
});

const poison = defineJob({
  type: 'fixture.poison',
  payload: closed({}),
  maxAttempts: 3,
  run: async () => {
    begun.poison += 1;
    throw new Error('fixture');
  },
});

/** Another process begins it anew while it runs. */
const stolen = defineJob({
  type: 'fixture.stolen',
  payload: closed({ document: uuid() }),
  authorise: () => true,
  run: async ({ payload, actor, tx, app: { clock }, job }) => {
    begun.stolen += 1;
    await documentsOf(actor, tx).comment(payload.document, 'stolen', new Date(clock.now()));
    await tx.updateTable('jobs').set({ attempts: 7 }).where('id', '=', job.id).execute();
  },
});

const welcome = defineJob({
  type: 'fixture.welcome',
  payload: closed({ to: email() }),
  run: async ({ payload, app: { services } }) => services.mailer.send({ to: payload.to, subject: 'Welcome', text: 'Hello' }),
});

/** Jobs whose request failed behind them. */
const rolledBack: string[] = [];

const all = [publish, audit, careless, flaky, poison, stolen, welcome];

const Left = closed({ id: uuid() });
const module = defineModule({
  id: 'jobs-fixture',
  prefix: '/fixture',
  jobs: all,
  routes: [
    route(
      {
        method: 'POST',
        path: '/publish',
        access: 'user',
        input: { body: closed({ document: uuid(), key: Type.Optional(Type.String()) }) },
        output: Left,
        summary: 'Leaves a job',
      },
      async ({ input: { body }, app: { services }, app: context, context: { actor } }) => {
        const options = { ...(actor === undefined ? {} : { actor }), ...(body.key === undefined ? {} : { idempotencyKey: body.key }) };
        const id = await services.db.transaction((tx) => enqueue(tx, context, publish, { document: body.document }, options));
        return { status: 202, headers: { location: `/api/v1/jobs/${id}` }, json: { id } };
      },
    ),
    route({ method: 'POST', path: '/fails', access: 'user', input: {}, output: Left, summary: 'Fails behind a job' }, ({ app: context, context: { actor } }) =>
      context.services.db.transaction(async (tx) => {
        rolledBack.push(await enqueue(tx, context, audit, {}, { actor: { id: String(actor?.id), roles: ['auditor'] } }));
        throw new Problem(409);
      }),
    ),
  ],
});

const app = await startApp({ modules: [module] });
/** The same app in another process, as far as the database can tell. */
const other = await startApp({ modules: [module] });
const { db } = app.context.services;

const pass = (ms: number): void => {
  for (const { clock } of [app, other]) clock.advance(ms);
};

/** A process that joins now. */
const clockOfNow = (): TestClock => new TestClock(app.clock.now());

const newUser = async (roles: readonly string[] = []): Promise<string> => {
  const user = await addUser(db.query, { email: `${randomUUID()}@example.test`, roles });
  assert.ok(user);
  return user.id;
};

const newDocument = async (owner: string): Promise<string> => {
  const answer = await send(app, 'POST', '/api/v1/documents', { headers: as(owner), body: { title: 'A title', body: 'A body' } });
  assert.equal(answer.status, 201);
  return String(answer.json()['id']);
};

/** The effects of jobs on a document. */
const commentsOn = async (document: string): Promise<readonly string[]> => {
  const rows = await db.query.selectFrom('document_comments').select('text').where('document_id', '=', document).execute();
  return rows.map(({ text }) => text);
};

const jobOf = (id: string) =>
  db.query.selectFrom('jobs').select(['status', 'attempts', 'failure', 'result', 'type']).where('id', '=', id).executeTakeFirstOrThrow();

const statusOf = async (id: string): Promise<string> => (await jobOf(id)).status;

const jobsLeftBy = async (actor: string): Promise<number> =>
  (await db.query.selectFrom('jobs').select('id').where('actor_id', '=', actor).execute()).length;

const askToPublish = (actor: string, document: string, key?: string, on = app) =>
  send(on, 'POST', '/fixture/publish', { headers: as(actor), body: { document, ...(key === undefined ? {} : { key }) } });

const leavePublish = async (actor: string, document: string, key?: string): Promise<string> => {
  const answer = await askToPublish(actor, document, key);
  assert.equal(answer.status, 202);
  return String(answer.json()['id']);
};

interface Forged {
  readonly type?: string;
  readonly payload: unknown;
  readonly actor: string | null;
  readonly tenant?: string;
}

/** A row as somebody with access to the database writes it. */
const forge = async ({ type = publish.type, payload, actor, tenant }: Forged): Promise<string> => {
  const now = new Date(app.clock.now());
  const { id } = await db.query
    .insertInto('jobs')
    .values({
      queue: app.context.config.JOBS_QUEUE,
      type,
      payload: JSON.stringify(payload),
      actor_id: actor,
      tenant: tenant ?? null,
      idempotency_key: randomUUID(),
      due_at: now,
      created_at: now,
      finished_at: null,
      result: null,
      failure: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
};

const claimOf = async (id: string, by = app): Promise<Claimed> => {
  const claimed = await claim(by.context);
  assert.equal(claimed?.id, id);
  return claimed;
};

benign('a user leaves a job, it is done, and the user reads what became of it', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  const answer = await askToPublish(user, document);
  const id = String(answer.json()['id']);
  assert.equal(answer.headers['location'], `/api/v1/jobs/${id}`);
  const look = async () => (await send(app, 'GET', `/api/v1/jobs/${id}`, { headers: as(user) })).json();
  assert.equal((await look())['status'], 'waiting');
  assert.equal(await drainJobs(app), 1);
  assert.deepEqual(await commentsOn(document), [`published by ${id}`]);
  const { status, result, type } = await look();
  assert.deepEqual([status, result, type], ['done', `published ${document}`, publish.type]);
});

benign('the app leaves a job of its own, for later', async () => {
  const to = `${randomUUID()}@example.test`;
  await enqueue(db.query, app.context, welcome, { to }, { notBefore: new Date(app.clock.now() + 60_000) });
  assert.equal(await drainJobs(app), 0);
  pass(60_000);
  assert.equal(await drainJobs(app), 1);
  assert.deepEqual(
    mailsOf(app).map((mail) => mail.to),
    [to],
  );
});

benign('what fails is tried again, later and later', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  const id = await enqueue(db.query, app.context, flaky, { document }, { actor: { id: user, roles: [] } });
  for (const waitMs of [10_000, 20_000]) {
    assert.equal(await drainJobs(app), 1);
    assert.equal(await statusOf(id), 'waiting');
    pass(waitMs - 1);
    assert.equal(await drainJobs(app), 0);
    pass(1);
  }
  assert.equal(await drainJobs(app), 1);
  assert.equal(await statusOf(id), 'done');
});

benign('the worker of a process that serves runs what was left, as soon as it is committed', async () => {
  const serving = await startApp({ clock: clockOfNow(), env: { JOBS_POLL_MS: '60000' } });
  const ran = Promise.withResolvers<void>();
  const job = defineJob({ type: 'fixture.signal', payload: closed({}), run: async () => ran.resolve() });
  jobsOf(serving.context).register(job);
  serving.context.events.emit('app.started', { port: serving.port });
  await serving.context.services.db.transaction((tx) => enqueue(tx, serving.context, job, {}));
  await ran.promise;
  await serving.close();
});

benign('an app that closes lets its jobs end, and begins no other', async () => {
  const serving = await startApp({ clock: clockOfNow() });
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const runs: string[] = [];
  const job = defineJob({
    type: 'fixture.slow',
    payload: closed({}),
    run: async ({ job: { id } }) => {
      runs.push(id);
      started.resolve();
      await release.promise;
    },
  });
  jobsOf(serving.context).register(job);
  const [first, second] = [await enqueue(db.query, serving.context, job, {}), await enqueue(db.query, serving.context, job, {})];
  await db.query.updateTable('jobs').set({ due_at: new Date(app.clock.now() - 1) }).where('id', '=', first).execute();
  serving.context.events.emit('app.started', { port: serving.port });
  await started.promise;
  const end = serving.close();
  release.resolve();
  await end;
  if (runs.length === 1) assert.deepEqual([await statusOf(first), await statusOf(second)], ['done', 'waiting']);
  // On a server two run at once.
  else assert.deepEqual([await statusOf(first), await statusOf(second)], ['done', 'done']);
});

benign('finished jobs are deleted after their time, those that wait are not', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  const [finished, dead] = [await leavePublish(user, document), await leavePublish(user, document)];
  await drainJobs(app);
  await db.query.updateTable('jobs').set({ status: 'dead' }).where('id', '=', dead).execute();
  const waiting = await enqueue(db.query, app.context, publish, { document }, { actor: { id: user, roles: [] }, notBefore: new Date(app.clock.now() + 60 * day) });
  const left = async (): Promise<string[]> => {
    await db.transaction((tx) => deleteOldJobs(tx, app.context));
    const rows = await db.query.selectFrom('jobs').select('id').where('id', 'in', [finished, dead, waiting]).execute();
    return rows.map(({ id }) => id).toSorted();
  };
  assert.deepEqual(await left(), [finished, dead, waiting].toSorted());
  pass(7 * day + 1);
  assert.deepEqual(await left(), [dead, waiting].toSorted());
  pass(21 * day);
  assert.deepEqual(await left(), [waiting]);
});

attack('Q467', 'a job on the object of another: 404 as for none at all, and no row', async () => {
  const [alice, mallory] = [await newUser(), await newUser()];
  const document = await newDocument(alice);
  const [foreign, missing] = [await askToPublish(mallory, document), await askToPublish(mallory, randomUUID())];
  assert.deepEqual([foreign.status, missing.status], [404, 404]);
  assert.equal(await jobsLeftBy(mallory), 0);
  assert.equal((await askToPublish(alice, document)).status, 202);
  assert.equal(await jobsLeftBy(alice), 1);
  await drainJobs(app);
  assert.equal((await commentsOn(document)).length, 1);
});

attack('Q467', 'the right to the object goes away before the run: denied, no effect, an event', async () => {
  const [alice, bob] = [await newUser(), await newUser()];
  const [kept, lost] = [await newDocument(alice), await newDocument(alice)];
  const [honest, late] = [await leavePublish(alice, kept), await leavePublish(alice, lost)];
  await db.query.updateTable('documents').set({ owner_id: bob }).where('id', '=', lost).execute();
  const before = begun.publish;
  await drainJobs(app);
  assert.deepEqual([await statusOf(honest), await statusOf(late)], ['done', 'denied']);
  assert.equal(begun.publish, before + 1);
  assert.deepEqual([(await commentsOn(kept)).length, (await commentsOn(lost)).length], [1, 0]);
  const events = await db.query.selectFrom('security_events').select('details').where('type', '=', 'job.denied').where('user_id', '=', alice).execute();
  assert.deepEqual(events, [{ details: { job: late, type: publish.type } }]);
});

attack('Q467', 'the account is disabled or deleted, or the role is taken away, before the run: denied, no effect', async () => {
  const [honest, disabled, demoted, deleted] = [await newUser(['auditor']), await newUser(['auditor']), await newUser(['auditor']), await newUser(['auditor'])];
  const people = [honest, disabled, demoted, deleted];
  const ids: string[] = [];
  for (const id of people) ids.push(await enqueue(db.query, app.context, audit, {}, { actor: { id, roles: ['auditor'] } }));
  await db.query.updateTable('users').set({ disabled_at: new Date(app.clock.now()) }).where('id', '=', disabled).execute();
  await db.query.updateTable('users').set({ roles: [] }).where('id', '=', demoted).execute();
  await db.query.deleteFrom('users').where('id', '=', deleted).execute();
  const before = begun.audit;
  await drainJobs(app);
  assert.deepEqual(await Promise.all(ids.map(statusOf)), ['done', 'denied', 'denied', 'denied']);
  assert.equal(begun.audit, before + 1);
  // A request that claims the role is not believed at the run either.
  const liar = await enqueue(db.query, app.context, audit, {}, { actor: { id: await newUser(), roles: ['auditor'] } });
  await drainJobs(app);
  assert.equal(await statusOf(liar), 'denied');
});

attack('Q467', 'work that finds out itself that it may not: denied at once, and what it wrote before is gone', async () => {
  const [alice, mallory] = [await newUser(), await newUser()];
  const [own, second, foreign] = [await newDocument(mallory), await newDocument(mallory), await newDocument(alice)];
  const actor = { id: mallory, roles: [] };
  const honest = await enqueue(db.query, app.context, careless, { own, other: second }, { actor });
  await drainJobs(app);
  assert.equal(await statusOf(honest), 'done');
  assert.equal((await commentsOn(own)).length, 1);
  const evil = await enqueue(db.query, app.context, careless, { own, other: foreign }, { actor });
  await drainJobs(app);
  assert.deepEqual([await statusOf(evil), (await jobOf(evil)).attempts], ['denied', 1]);
  assert.equal((await commentsOn(own)).length, 1);
  const { title } = await db.query.selectFrom('documents').select('title').where('id', '=', foreign).executeTakeFirstOrThrow();
  assert.equal(title, 'A title');
});

attack('Q467', 'rows written by hand, with payloads that do not fit: dead letters, no effect', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  const honest = await forge({ payload: { document }, actor: user });
  const payloads = [{}, { document, admin: true }, { document: 'x' }, { document: [document] }, [document], document, null, 1, { DOCUMENT: document }];
  const ids: string[] = [];
  for (const payload of payloads) ids.push(await forge({ payload, actor: user }));
  const before = begun.publish;
  await drainJobs(app);
  assert.equal(await statusOf(honest), 'done');
  for (const id of ids) assert.equal(await statusOf(id), 'dead');
  assert.equal(begun.publish, before + 1);
  assert.equal((await commentsOn(document)).length, 1);
  assert.ok(app.log.lines.some(({ job, msg }) => job === ids[0] && msg === 'a job is dead'));
});

attack('Q467', 'rows written by hand, for a foreign tenant, for nobody, for the object of another: no effect', async () => {
  const [alice, mallory] = [await newUser(), await newUser()];
  const document = await newDocument(alice);
  const payload = { document };
  const honest = await forge({ payload, actor: alice });
  const tenant = await forge({ payload, actor: alice, tenant: 'acme' });
  const nobody = await forge({ payload, actor: null });
  const tenantOfNobody = await forge({ type: welcome.type, payload: { to: 'a@example.test' }, actor: null, tenant: 'acme' });
  const foreign = await forge({ payload, actor: mallory });
  const noUser = await forge({ payload, actor: "x' or 1=1" });
  const mails = mailsOf(app).length;
  await drainJobs(app);
  const statuses = await Promise.all([honest, tenant, nobody, tenantOfNobody, foreign, noUser].map(statusOf));
  assert.deepEqual(statuses, ['done', 'dead', 'dead', 'dead', 'denied', 'denied']);
  assert.deepEqual(await commentsOn(document), [`published by ${honest}`]);
  assert.equal(mailsOf(app).length, mails);
});

attack('Q467', 'where users have tenants, a job runs in that of its row and in no other', async () => {
  const tenants = await startApp({ clock: clockOfNow() });
  jobsOf(tenants.context).register(audit);
  const user = await newUser();
  jobsOf(tenants.context).loadActor = async (_tx, id, tenant) => ({ id, roles: ['auditor'], ...(tenant === 'acme' || tenant === null ? { tenant: 'acme' } : {}) });
  const actor = { id: user, roles: ['auditor'], tenant: 'acme' };
  const honest = await enqueue(db.query, tenants.context, audit, {}, { actor });
  const foreign = await forge({ type: audit.type, payload: {}, actor: user, tenant: 'umbrella' });
  const none = await forge({ type: audit.type, payload: {}, actor: user });
  await drainJobs(tenants);
  assert.deepEqual(await Promise.all([honest, foreign, none].map(statusOf)), ['done', 'dead', 'dead']);
});

attack('Q467', 'a type that nobody knows stays untouched, and is given up after a day', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  const honest = await leavePublish(user, document);
  const unknown = await forge({ type: 'constructor', payload: {}, actor: user });
  assert.equal(await drainJobs(app), 1);
  assert.deepEqual([await statusOf(honest), await statusOf(unknown)], ['done', 'waiting']);
  pass(day + 1);
  await db.transaction((tx) => deleteOldJobs(tx, app.context));
  assert.equal(await statusOf(unknown), 'dead');
});

attack('Q467', 'one key, many times and at once: one job, one effect; the key of another is another', async () => {
  const [alice, mallory] = [await newUser(), await newUser()];
  const [document, hers] = [await newDocument(alice), await newDocument(mallory)];
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => askToPublish(alice, document, 'key-1', index % 2 === 0 ? app : other)));
  const ids = new Set(answers.map((answer) => answer.json()['id']));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
  assert.equal(ids.size, 1);
  const second = await leavePublish(mallory, hers, 'key-1');
  assert.ok(!ids.has(second));
  await Promise.all([drainJobs(app), drainJobs(other)]);
  assert.equal((await commentsOn(document)).length, 1);
  assert.equal((await commentsOn(hers)).length, 1);
  assert.ok(ids.has(await leavePublish(alice, document, 'key-1')));
  assert.equal(await drainJobs(app), 0);
  assert.equal(await jobsLeftBy(alice), 1);
});

attack('Q467', 'the worker dies in mid-run: another takes over when the lease is over, not before, and there is one effect', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  const id = await leavePublish(user, document);
  const dying = await claimOf(id);
  const before = begun.publish;
  assert.equal(await drainJobs(other), 0);
  pass(app.context.config.JOBS_LEASE_MS - 1);
  assert.equal(await drainJobs(other), 0);
  assert.deepEqual(await commentsOn(document), []);
  pass(1);
  assert.equal(await drainJobs(other), 1);
  assert.equal(await statusOf(id), 'done');
  // It was not dead after all, only slow.
  await runClaimed(app.context, dying);
  assert.equal(begun.publish, before + 1);
  assert.equal((await commentsOn(document)).length, 1);
  assert.deepEqual([await statusOf(id), (await jobOf(id)).attempts], ['done', 2]);
});

attack('Q467', 'two processes believe that a job is theirs: only the later one runs it', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  const id = await leavePublish(user, document);
  const slow = await claimOf(id);
  pass(app.context.config.JOBS_LEASE_MS);
  const quick = await claimOf(id, other);
  const before = begun.publish;
  await runClaimed(app.context, slow);
  assert.deepEqual([begun.publish, await statusOf(id)], [before, 'running']);
  await runClaimed(other.context, quick);
  assert.deepEqual([begun.publish, await statusOf(id)], [before + 1, 'done']);
  assert.equal((await commentsOn(document)).length, 1);
});

attack('Q467', 'a run that lost its job to another process leaves nothing', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  const honest = await leavePublish(user, document);
  const id = await enqueue(db.query, app.context, stolen, { document }, { actor: { id: user, roles: [] } });
  const before = begun.stolen;
  await drainJobs(app);
  assert.equal(begun.stolen, before + 1);
  assert.equal(await statusOf(honest), 'done');
  assert.notEqual(await statusOf(id), 'done');
  assert.deepEqual(await commentsOn(document), [`published by ${honest}`]);
});

attack('Q467', 'a run that failed behind its write leaves nothing: the effect comes once, with the end of the job', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  const id = await enqueue(db.query, app.context, flaky, { document }, { actor: { id: user, roles: [] } });
  const before = begun.flaky;
  for (const effects of [0, 0, 1, 1]) {
    await drainJobs(app);
    assert.equal((await commentsOn(document)).length, effects);
    pass(3_600_000);
  }
  assert.equal(begun.flaky, before + 3);
  assert.equal(await statusOf(id), 'done');
});

attack('Q467', 'a request that fails leaves no job', async () => {
  const user = await newUser(['auditor']);
  const before = begun.audit;
  const answer = await send(app, 'POST', '/fixture/fails', { headers: as(user) });
  assert.equal(answer.status, 409);
  assert.equal(rolledBack.length, 1);
  await drainJobs(app);
  assert.equal(await jobsLeftBy(user), 0);
  assert.equal(begun.audit, before);
  await enqueue(db.query, app.context, audit, {}, { actor: { id: user, roles: ['auditor'] } });
  await drainJobs(app);
  assert.equal(begun.audit, before + 1);
});

attack('Q467', 'poison is tried as often as it may be, and is a dead letter then', async () => {
  const [id, before] = [await enqueue(db.query, app.context, poison, {}), begun.poison];
  for (let round = 0; round < 6; round += 1) {
    await drainJobs(app);
    pass(3_600_000);
  }
  assert.equal(begun.poison, before + 3);
  const { status, failure, attempts } = await jobOf(id);
  assert.deepEqual([status, failure, attempts], ['dead', 'Error', 3]);
  const honest = await enqueue(db.query, app.context, welcome, { to: 'a@example.test' });
  await drainJobs(app);
  assert.equal(await statusOf(honest), 'done');
});

attack('Q467', 'poison that takes its process down each time is a dead letter, too', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  const [deadly, honest] = [await enqueue(db.query, app.context, poison, {}), await leavePublish(user, document)];
  const before = begun.poison;
  await db.query.updateTable('jobs').set({ due_at: new Date(app.clock.now() - 1) }).where('id', '=', deadly).execute();
  for (let death = 1; death <= 3; death += 1) {
    await claimOf(deadly);
    await db.query.updateTable('jobs').set({ due_at: new Date(app.clock.now() - 1) }).where('id', '=', deadly).execute();
  }
  await drainJobs(app);
  assert.equal(begun.poison, before);
  assert.deepEqual([await statusOf(deadly), (await jobOf(deadly)).failure], ['dead', 'it never ended']);
  assert.equal(await statusOf(honest), 'done');
});

attack('Q467', 'work does not start by GET or HEAD', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  for (const method of ['GET', 'HEAD']) {
    const { status } = await send(app, method, `/fixture/publish?document=${document}`, { headers: as(user) });
    assert.ok(status === 404 || status === 405, `${method} ${status}`);
  }
  assert.equal(await jobsLeftBy(user), 0);
  const starters = app.context.routing.inventory.filter(({ method, fullPath }) => method === 'GET' && fullPath.startsWith('/api/v1/jobs'));
  assert.deepEqual(
    starters.map(({ fullPath }) => fullPath),
    ['/api/v1/jobs/:id'],
  );
  await leavePublish(user, document);
  assert.equal(await jobsLeftBy(user), 1);
  await drainJobs(app);
});

attack('Q467', 'nobody but the user who left a job sees it or its result', async () => {
  const [alice, mallory] = [await newUser(), await newUser()];
  const document = await newDocument(alice);
  const id = await leavePublish(alice, document);
  const own = await enqueue(db.query, app.context, welcome, { to: 'a@example.test' });
  await drainJobs(app);
  const look = (job: string, headers: Record<string, string>) => send(app, 'GET', `/api/v1/jobs/${job}`, { headers });
  assert.equal((await look(id, as(alice))).json()['result'], `published ${document}`);
  for (const headers of [as(mallory), as(mallory, 'admin')]) {
    const [foreign, missing] = [await look(id, headers), await look(randomUUID(), headers)];
    assert.deepEqual([foreign.status, missing.status], [404, 404]);
    assert.doesNotMatch(foreign.text, /published|fixture/);
  }
  assert.equal((await look(id, {})).status, 401);
  assert.equal((await look(own, as(alice))).status, 404);
  const elsewhere = await forge({ payload: { document }, actor: alice, tenant: 'acme' });
  assert.equal((await look(elsewhere, as(alice))).status, 404);
  assert.equal((await look(own, as(''))).status, 401);
});

attack('Q467', 'what the types forbid is refused at run time: a payload, a missing user, a job that nobody runs', async () => {
  const user = await newUser();
  const document = await newDocument(user);
  const actor = { id: user, roles: [] };
  const rows = async () => jobsLeftBy(user);
  await assert.rejects(enqueue(db.query, app.context, publish, { document: 'no uuid' }, { actor }), TypeError);
  await assert.rejects(enqueue(db.query, app.context, publish, { document }), TypeError);
  const unregistered = defineJob({ type: 'fixture.unregistered', payload: closed({}), run: async () => {} });
  await assert.rejects(enqueue(db.query, app.context, unregistered, {}, { actor }), TypeError);
  const impostor = defineJob({ type: publish.type, payload: closed({}), run: async () => {} });
  await assert.rejects(enqueue(db.query, app.context, impostor, {}, { actor }), TypeError);
  assert.throws(() => jobsOf(app.context).register(impostor), /registered twice/);
  assert.throws(() => defineJob({ type: 'fixture.loose', payload: Type.Object({ a: Type.String() }), run: async () => {} }), /not strict/);
  assert.equal(await rows(), 0);
  await enqueue(db.query, app.context, publish, { document }, { actor });
  assert.equal(await rows(), 1);
  await drainJobs(app);
});

benign('production starts with a mail server, and not without one unless that is meant', () => {
  const facts = processFacts({ ...app.context.config, NODE_ENV: 'production', SMTP_URL: 'smtps://mail.example.test', MAIL_FROM: 'App <app@example.test>' });
  const problems = (config: Partial<typeof facts.config>): string => bootCheck({ ...facts, config: { ...facts.config, ...config } }).join('\n');
  assert.equal(problems({}), '');
  assert.match(problems({ SMTP_URL: undefined }), /^SMTP_URL must name a mail server/);
  assert.equal(problems({ SMTP_URL: undefined, ALLOW_MAIL_OUTBOX: true }), '');
  assert.equal(problems({ SMTP_URL: undefined, NODE_ENV: 'development' }), '');
  assert.match(problems({ SMTP_URL: 'smtps://mail.example.test/?ignoreTLS=true' }), /^SMTP_URL must hold/);
  assert.match(problems({ MAIL_FROM: 'no-reply@localhost' }), /^MAIL_FROM must be an address of your domain$/);
  assert.match(problems({ MAIL_FROM: 'a@example.test, b@example.test' }), /^MAIL_FROM must be/);
  const server = { DATABASE_URL: 'postgres://app@127.0.0.1/app', DATABASE_POOL_SIZE: 2, JOBS_CONCURRENCY: 2 };
  assert.match(problems(server), /^JOBS_CONCURRENCY must be less/);
});
