import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrations } from '#src/schema/migrations.ts';
import { dumpEmbedded } from '#src/services/db/embedded.ts';
import { appRole } from '#src/services/db/roles.ts';
import { migrateServer } from '#src/services/db/server.ts';

/** A database for the tests: a new one on the server of DATABASE_URL, else a snapshot for PGlite. */
export const prepare = async (): Promise<Record<string, string>> => {
  const server = process.env['DATABASE_URL'];
  return server === undefined || server === '' ? { PGLITE_SNAPSHOT: await snapshot() } : freshDatabase(server);
};

const oneHour = 3_600_000;

/** Made once for each state of the schema; later runs find it. */
const snapshot = async (): Promise<string> => {
  const directory = join(tmpdir(), `secure-app-tests-${process.getuid?.() ?? 'user'}`);
  await mkdir(directory, { mode: 0o700 }).catch(() => {});
  const owned = await lstat(directory);
  // The name can be guessed: a directory that somebody else put there could hold their database (CWE-379).
  if (!owned.isDirectory() || (process.getuid !== undefined && (owned.uid !== process.getuid() || (owned.mode & 0o077) !== 0))) {
    throw new Error(`${directory} belongs to somebody else: remove it, or set TMPDIR.`);
  }
  const version = await readFile(new URL('../package.json', import.meta.resolve('@electric-sql/pglite')), 'utf8');
  const name = createHash('sha256').update(JSON.stringify([migrations, version, appRole])).digest('hex').slice(0, 32);
  const path = join(directory, `${name}.tar`);
  if ((await stat(path).catch(() => undefined)) !== undefined) return path;
  for (const old of await readdir(directory)) {
    const age = Date.now() - (await stat(join(directory, old)).then(({ mtimeMs }) => mtimeMs, () => Date.now()));
    if (age > 24 * oneHour) await rm(join(directory, old), { force: true });
  }
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(unfinished, (await dumpEmbedded(migrations)).stream(), { mode: 0o600 });
  await rename(unfinished, path);
  return path;
};

/** Each run has a database of its own; those of runs long over are dropped. */
const freshDatabase = async (server: string): Promise<Record<string, string>> => {
  const owner = new URL(process.env['MIGRATION_DATABASE_URL'] ?? server);
  const client = new pg.Client({ connectionString: owner.href });
  await client.connect();
  const name = `test_run_${Date.now()}_${randomBytes(4).toString('hex')}`;
  try {
    const { rows } = await client.query<{ datname: string }>("select datname from pg_database where datname like 'test\\_run\\_%'");
    const old = rows.filter(({ datname }) => Number(datname.split('_')[2]) < Date.now() - oneHour);
    for (const { datname } of old) await client.query(`drop database if exists ${pg.escapeIdentifier(datname)} with (force)`).catch(() => {});
    await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  owner.pathname = `/${name}`;
  const app = new URL(owner);
  app.username = appRole;
  app.password = process.env['APP_ROLE_PASSWORD'] ?? 'app_rt';
  await migrateServer(owner.href, app.href, migrations);
  return { DATABASE_URL: app.href, MIGRATION_DATABASE_URL: '' };
};
