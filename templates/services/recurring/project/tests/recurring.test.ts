import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { recurringOf } from '#src/services/recurring/recurring.ts';
import { startApp } from '#tests/support/app.ts';

const [first, second] = [await startApp(), await startApp()];
const apps = [first, second];
const everyMs = 60_000;

/** The names that are due in both processes, which look at the same moment. */
const lookTogether = async (): Promise<string[]> => (await Promise.all(apps.map(({ context }) => recurringOf(context).runDue()))).flat();

const pass = (ms: number): void => {
  for (const { clock } of apps) clock.advance(ms);
};

test('of two processes one does the work, once in each period', async () => {
  const name = `fixture-${randomUUID()}`;
  const runs: string[] = [];
  for (const { context } of apps) recurringOf(context).every({ name, everyMs, run: async () => void runs.push(name) });
  await lookTogether();
  assert.equal(runs.length, 1);
  pass(everyMs - 1);
  await lookTogether();
  assert.equal(runs.length, 1);
  pass(1);
  await lookTogether();
  assert.equal(runs.length, 2);
});

test('work that fails writes nothing, is logged, and waits for its next time', async () => {
  const name = `fixture-${randomUUID()}`;
  const trace = `fixture-${randomUUID()}`;
  const { db } = first.context.services;
  let runs = 0;
  recurringOf(first.context).every({
    name,
    everyMs,
    run: async (tx) => {
      runs += 1;
      await tx.insertInto('recurring_work').values({ name: trace, due_at: new Date(first.clock.now()) }).execute();
      if (runs === 1) throw new Error('fixture');
    },
  });
  const traces = async () => (await db.query.selectFrom('recurring_work').select('name').where('name', '=', trace).execute()).length;
  assert.equal((await recurringOf(first.context).runDue()).includes(name), false);
  assert.equal(await traces(), 0);
  assert.ok(first.log.lines.some(({ msg, work }) => msg === 'recurring work failed' && work === name));
  await recurringOf(first.context).runDue();
  assert.equal(runs, 1);
  pass(everyMs);
  assert.ok((await recurringOf(first.context).runDue()).includes(name));
  assert.equal(await traces(), 1);
});

test('it begins when the app serves, and the app does not close in the middle of it', async () => {
  const app = await startApp();
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const steps: string[] = [];
  recurringOf(app.context).every({
    name: `fixture-${randomUUID()}`,
    everyMs,
    run: async () => {
      started.resolve();
      await release.promise;
      steps.push('done');
    },
  });
  app.context.events.emit('app.started', { port: app.port });
  await started.promise;
  const closed = app.close().then(() => steps.push('closed'));
  release.resolve();
  await closed;
  assert.deepEqual(steps, ['done', 'closed']);
});

test('a name is given once', () => {
  const work = { name: `fixture-${randomUUID()}`, everyMs, run: async () => {} };
  recurringOf(first.context).every(work);
  assert.throws(() => recurringOf(first.context).every(work), /registered twice/);
});
