import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sql } from 'kysely';
import { Problem } from '#src/protections/app-core/problem.ts';
import { DirectoryInUseError, lockDirectory } from '#src/services/db/directory-lock.ts';
import { asProblem } from '#src/services/db/failures.ts';
import { OuterHandleError } from '#src/services/db/session.ts';
import { inTransaction } from '#src/services/db/transaction.ts';
import { startApp } from '#tests/support/app.ts';

const app = await startApp();
const { db } = app.context.services;
const folder = await mkdtemp(join(tmpdir(), 'secure-app-db-'));
after(() => rm(folder, { recursive: true }));

test('the outer handle throws inside a transaction instead of waiting for ever, and works behind it', async () => {
  await assert.rejects(
    db.transaction(async (tx) => {
      await sql`select 1`.execute(tx);
      await sql`select 1`.execute(db.query);
    }),
    OuterHandleError,
  );
  await assert.rejects(
    db.transaction(() => db.transaction(() => Promise.resolve())),
    OuterHandleError,
  );
  await sql`select 1`.execute(db.query);
});

test('events of a transaction are announced after the commit, those of a rollback never', async () => {
  const own = await startApp();
  const ports: number[] = [];
  own.context.events.on('app.started', ({ port }) => void ports.push(port));
  await inTransaction(own.context, async (tx, events) => {
    events.emit('app.started', { port: 1 });
    await sql`select 1`.execute(tx);
    assert.deepEqual(ports, []);
  });
  assert.deepEqual(ports, [1]);
  const failing = inTransaction(own.context, async (_tx, events) => {
    events.emit('app.started', { port: 2 });
    await Promise.reject(new Error('no'));
  });
  await assert.rejects(failing, /no/);
  assert.deepEqual(ports, [1]);
  await own.close();
});

/** Listens on a channel of its own; `next` waits for the next payload. */
const listenAt = async ({ context }: typeof app, channel: string) => {
  const heard: string[] = [];
  let lost = 0;
  const listening = context.services.db.listen({ channel, heard: (payload) => void heard.push(payload), lost: () => (lost += 1) });
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await sql`select 1`.execute(db.query);
  };
  await until(() => listening.isUp());
  return { heard, listening, lost: () => lost, until };
};

test('what a transaction announces is heard by every app on the database, once it is committed', async () => {
  const channel = `news_${randomUUID()}`;
  const ears = [await listenAt(app, channel), await listenAt(await startApp(), channel)];
  const announce = (text: string) => sql`select pg_notify(${channel}, ${text})`;
  const failing = db.transaction(async (tx) => {
    await announce('never').execute(tx);
    throw new Error('no');
  });
  await assert.rejects(failing, /no/);
  await db.transaction(async (tx) => {
    await announce('committed').execute(tx);
    for (const { heard } of ears) assert.deepEqual(heard, []);
  });
  for (const { heard, until } of ears) {
    await until(() => heard.length > 0);
    assert.deepEqual(heard, ['committed']);
  }
  ears[0]?.listening.stop();
  await announce('later').execute(db.query);
  const [stopped, listens] = ears;
  await listens?.until(() => listens.heard.length > 1);
  assert.deepEqual(stopped?.heard, ['committed']);
});

// The embedded database has no connection that could be lost.
if (app.context.config.DATABASE_URL !== undefined) {
  test('whoever listens is told when the connection is lost, and hears again', async () => {
    const channel = `news_${randomUUID()}`;
    const { heard, listening, lost, until } = await listenAt(await startApp(), channel);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where query = ${`listen "${channel}"`}`.execute(db.query);
    await until(() => lost() === 1);
    await until(() => listening.isUp());
    await sql`select pg_notify(${channel}, 'again')`.execute(db.query);
    await until(() => heard.length > 0);
    assert.deepEqual(heard, ['again']);
  });
}

test('only failures that may pass become 503', () => {
  for (const code of ['57014', '57P01', '08006', '53300', '40001', 'ECONNREFUSED']) {
    const problem = asProblem(Object.assign(new Error('details'), { code }));
    assert.ok(problem instanceof Problem && problem.status === 503, code);
    assert.doesNotMatch(JSON.stringify(problem), /details/);
  }
  for (const code of ['23505', '42501', '42P01'])
    assert.equal(asProblem(Object.assign(new Error('details'), { code })) instanceof Problem, false, code);
});

test('a closed database answers 503', async () => {
  const other = await startApp();
  await other.context.services.db.close();
  await assert.rejects(sql`select 1`.execute(other.context.services.db.query), (error) => error instanceof Problem && error.status === 503);
  await sql`select 1`.execute(db.query);
});

test('a directory has one owner at a time, and none when the owner was killed', async () => {
  const directory = join(folder, 'locked');
  await mkdir(directory);
  const unlock = await lockDirectory(directory);
  await assert.rejects(lockDirectory(directory), DirectoryInUseError);
  await unlock();
  const program = `
    import { lockDirectory } from '#src/services/db/directory-lock.ts';
    await lockDirectory(${JSON.stringify(directory)});
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(owner.stdout, 'data');
  await assert.rejects(lockDirectory(directory), DirectoryInUseError);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  await (
    await lockDirectory(directory)
  )();
});

test('a directory with a long name is locked too', async () => {
  const directory = join(folder, 'x'.repeat(120));
  await mkdir(directory);
  const unlock = await lockDirectory(directory);
  await assert.rejects(lockDirectory(directory), DirectoryInUseError);
  await unlock();
});
