import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import pg from 'pg';
import { DirectoryInUseError } from '#src/services/db/directory-lock.ts';
import { applyMigrations, defineMigration, pendingMigrations } from '#src/services/db/migration.ts';
import { prepareAppRole } from '#src/services/db/roles.ts';
import { startApp } from '#tests/support/app.ts';

// About the embedded database: where DATABASE_URL names a server, there is none.
if ((process.env['DATABASE_URL'] ?? '') === '') {
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

  test('the embedded database keeps its files from others, and from a second app', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'secure-app-db-'));
    after(() => rm(folder, { recursive: true }));
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
}
