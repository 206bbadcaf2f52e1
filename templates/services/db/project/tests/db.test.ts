import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { sql } from 'kysely';
import pg from 'pg';
import { Problem } from '#src/protections/app-core/problem.ts';
import { DirectoryInUseError, lockDirectory } from '#src/services/db/directory-lock.ts';
import { asProblem } from '#src/services/db/failures.ts';
import { applyMigrations, defineMigration, pendingMigrations } from '#src/services/db/migration.ts';
import { prepareAppRole } from '#src/services/db/roles.ts';
import { OuterHandleError } from '#src/services/db/session.ts';
import { inTransaction } from '#src/services/db/transaction.ts';
import { startApp } from '#tests/support/app.ts';

const app = await startApp();
const { db } = app.context.services;
const folder = await mkdtemp(join(tmpdir(), 'secure-app-db-'));
after(() => rm(folder, { recursive: true }));

test('migrations are applied by name: a lower ordinal that comes later is not skipped, a failed one leaves nothing', async () => {
  const lite = new PGlite();
  const client = new pg.Client(createPgConfig(lite));
  await client.connect();
  try {
    await prepareAppRole(client);
    const later = { '0005_later': defineMigration('create table later (id int)') };
    assert.deepEqual(await applyMigrations(client, later), ['0005_later']);
    const both = { ...later, '0002_earlier': defineMigration('create table earlier (id int)') };
    assert.deepEqual(await pendingMigrations(client, both), ['0002_earlier']);
    assert.deepEqual(await applyMigrations(client, both), ['0002_earlier']);
    assert.deepEqual(await applyMigrations(client, both), []);
    const broken = { ...both, '0006_broken': defineMigration('create table half (id int)', 'no sql at all') };
    await assert.rejects(applyMigrations(client, broken), /0006_broken failed/);
    assert.deepEqual(await pendingMigrations(client, broken), ['0006_broken']);
    const { rows } = await client.query<{ half: string | null }>("select to_regclass('half') as half");
    assert.deepEqual(rows, [{ half: null }]);
  } finally {
    await client.end();
    await lite.close();
  }
});

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
  const ports: number[] = [];
  app.context.events.on('app.started', ({ port }) => void ports.push(port));
  await inTransaction(app.context, async (tx, events) => {
    events.emit('app.started', { port: 1 });
    await sql`select 1`.execute(tx);
    assert.deepEqual(ports, []);
  });
  assert.deepEqual(ports, [1]);
  const failing = inTransaction(app.context, async (_tx, events) => {
    events.emit('app.started', { port: 2 });
    await Promise.reject(new Error('no'));
  });
  await assert.rejects(failing, /no/);
  assert.deepEqual(ports, [1]);
});

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

test('the embedded database keeps its files from others, and from a second app', async () => {
  const config = {
    NODE_ENV: 'development',
    DATABASE_DIR: join(folder, 'data'),
    DATABASE_URL: undefined,
    PGLITE_SNAPSHOT: undefined,
  } as const;
  const first = await startApp({ config });
  assert.equal((await stat(config.DATABASE_DIR)).mode & 0o777, 0o700);
  await assert.rejects(startApp({ config }), DirectoryInUseError);
  await first.close();
  await (await startApp({ config })).close();
});
