import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { chmod, mkdir } from 'node:fs/promises';
import { openAsBlob } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import type { ServiceSetup } from '#src/services/setup.ts';
import type { Opened } from './database.ts';
import { lockDirectory } from './directory-lock.ts';
import { type Migrations, applyMigrations } from './migration.ts';
import { EmbeddedNotifications } from './notifications.ts';
import { appRole, prepareAppRole } from './roles.ts';
import { sessionSettings } from './settings.ts';

/** PGlite behind a pg pool: one connection, in this process, on the main thread. For development and tests. */
export const openEmbedded = async (setup: ServiceSetup, migrations: Migrations): Promise<Opened> => {
  const { NODE_ENV, PGLITE_SNAPSHOT, DATABASE_DIR, DATABASE_POOL_SIZE } = setup.config;
  // An app with one connection relies on what it leaves in its session.
  if (PGLITE_SNAPSHOT !== undefined && DATABASE_POOL_SIZE === 1) return serve(await load(PGLITE_SNAPSHOT), setup, migrations);
  if (PGLITE_SNAPSHOT !== undefined) return shareSnapshot(PGLITE_SNAPSHOT, setup, migrations);
  if (NODE_ENV === 'test') return serve(new PGlite(), setup, migrations);
  const directory = resolve(DATABASE_DIR);
  // PGlite gives its files mode 0666 whatever the umask says; the directory around them keeps others out.
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const unlock = await lockDirectory(directory);
  const opened = await serve(new PGlite(join(directory, 'pg')), setup, migrations);
  const end = async (): Promise<void> => {
    await opened.end();
    await unlock();
  };
  return { ...opened, end };
};

const load = async (snapshot: string): Promise<PGlite> => new PGlite({ loadDataDir: await openAsBlob(snapshot) });

/** One connection, kept for ever: there is one session, and what is set in it stays. */
const poolOf = (lite: PGlite): pg.Pool => new pg.Pool(Object.assign({ max: 1, idleTimeoutMillis: 0 }, createPgConfig(lite)));

const migrate = async (pool: pg.Pool, migrations: Migrations): Promise<void> => {
  const client = await pool.connect();
  try {
    await prepareAppRole(client);
    await applyMigrations(client, migrations);
  } finally {
    client.release();
  }
};

const serve = async (lite: PGlite, { config }: ServiceSetup, migrations: Migrations, hub = new EmbeddedNotifications()): Promise<Opened> => {
  await lite.waitReady;
  const pool = poolOf(lite);
  hub.attach(pool);
  const end = async (): Promise<void> => {
    await pool.end();
    if (!lite.closed) await lite.close();
  };
  try {
    await migrate(pool, migrations);
    for (const [name, value] of Object.entries(sessionSettings(config))) await pool.query(`set ${name} = ${value}`);
    await pool.query(`set role ${appRole}`); // protect: Q401
    await hub.start(pool);
  } catch (error) {
    await end();
    throw error;
  }
  return { pool, end, check: async () => void (await pool.query('select 1')), listen: (listener) => hub.listen(listener) };
};

interface Shared {
  users: number;
  opened?: Promise<Opened>;
  readonly hub: EmbeddedNotifications;
}

const snapshots = new Map<string, Shared>();

/**
 * All apps of a test process use one database, as they would on a server: a copy for each costs 0.4 GB. It is loaded when
 * it is first asked for something: most attacks are refused long before, and need not wait for it.
 */
const shareSnapshot = (path: string, setup: ServiceSetup, migrations: Migrations): Opened => {
  const shared: Shared = snapshots.get(path) ?? { users: 0, hub: new EmbeddedNotifications() };
  snapshots.set(path, shared);
  shared.users += 1;
  const open = (): Promise<Opened> => (shared.opened ??= load(path).then((lite) => serve(lite, setup, migrations, shared.hub)));
  return {
    pool: { options: {}, connect: async () => (await open()).pool.connect() },
    check: async () => (await open()).check(),
    listen: (listener) => shared.hub.listen(listener),
    end: async () => {
      shared.users -= 1;
      if (shared.users > 0) return;
      snapshots.delete(path);
      await (await shared.opened)?.end();
    },
  };
};

/** Each load clears the shared memory, and copies the files of each database: what a server needs, and no test, is left out. */
const forOneReader = [
  "alter system set shared_buffers = '8MB'",
  'update pg_database set datistemplate = false',
  'drop database template0',
  'drop database template1',
  'checkpoint',
];

/** The files of a database that has every migration, to start from. Takes two seconds; made once for many tests. */
export const dumpEmbedded = async (migrations: Migrations): Promise<Blob> => {
  const lite = new PGlite();
  await lite.waitReady;
  const pool = poolOf(lite);
  await migrate(pool, migrations);
  for (const statement of forOneReader) await pool.query(statement);
  await pool.end();
  const files = await lite.dumpDataDir('none');
  await lite.close();
  return files;
};
