import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrations } from '#src/schema/migrations.ts';
import { dumpEmbedded } from '#src/services/db/embedded.ts';
import { appRole } from '#src/services/db/roles.ts';
import { migrateServer } from '#src/services/db/server.ts';
import type { Preparation } from '#tests/support/preparation.ts';

/**
 * A database for the tests: a new one on the server of DATABASE_URL, else a snapshot for PGlite. TEST_DATABASE gives it a
 * name that begins with `test_`; what was there under that name is gone.
 */
export const prepare = async ({ env }: Preparation): Promise<Record<string, string>> => {
  const { DATABASE_URL: app = '', MIGRATION_DATABASE_URL: owner = '', TEST_DATABASE: name = ofRuns + newName() } = env;
  if (app === '') return { PGLITE_SNAPSHOT: await snapshot() };
  if (!/^test_\w+$/.test(name)) throw new Error('TEST_DATABASE must begin with test_: its database is dropped.');
  return freshDatabase(new URL(owner === '' ? app : owner), new URL(app), name);
};

const oneHour = 3_600_000;
/** What the names of databases start with; the time of their making in ms follows. */
const ofRuns = 'test_run_';
const templates = 'test_template_';
const newName = (): string => `${Date.now()}_${randomBytes(4).toString('hex')}`;

/** Made once for each state of the schema and of the code that makes it; later runs find it. */
const snapshot = async (): Promise<string> => {
  const directory = await ownDirectory();
  const path = join(directory, `${await fingerprint()}.tar`);
  if ((await stat(path).catch(() => undefined)) !== undefined) return path;
  await dropOld(directory);
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
  const files = await dumpEmbedded(migrations);
  await writeFile(unfinished, files.stream(), { mode: 0o600 });
  await rename(unfinished, path);
  return path;
};

/** The name can be guessed: a directory that somebody else put there could hold their database (CWE-379). */
const ownDirectory = async (): Promise<string> => {
  const uid = process.getuid?.();
  const directory = join(tmpdir(), `secure-app-tests-${uid ?? 'user'}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await lstat(directory);
  const mine = found.isDirectory() && (uid === undefined || (found.uid === uid && (found.mode & 0o077) === 0));
  if (!mine) throw new Error(`${directory} belongs to somebody else: remove it, or set TMPDIR.`);
  return directory;
};

const fingerprint = async (): Promise<string> => {
  const service = new URL('.', import.meta.resolve('#src/services/db/embedded.ts'));
  const code = (await readdir(service)).filter((file) => file.endsWith('.ts')).toSorted((a, b) => (a < b ? -1 : 1));
  const sources = [...code.map((file) => new URL(file, service)), new URL('../package.json', import.meta.resolve('@electric-sql/pglite'))];
  const texts = await Promise.all(sources.map((file) => readFile(file, 'utf8')));
  const content = JSON.stringify([migrations, ...texts]);
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
};

const dropOld = async (directory: string): Promise<void> => {
  for (const file of await readdir(directory)) {
    const found = await stat(join(directory, file)).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > 24 * oneHour) await rm(join(directory, file), { force: true });
  }
};

/** Copies the database that has every migration: many times faster than to migrate. Drops those of runs long over. */
const freshDatabase = async (owner: URL, given: URL, name: string): Promise<Record<string, string>> => {
  const app = databaseAt(owner, name);
  app.username = appRole;
  app.password = given.username === appRole ? given.password : appRole;
  const client = new pg.Client({ connectionString: owner.href });
  await client.connect();
  try {
    await dropOldDatabases(client);
    const template = await templateOn(client, owner, app);
    await client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
    await client.query(`create database ${pg.escapeIdentifier(name)} template ${pg.escapeIdentifier(template)}`);
  } finally {
    await client.end();
  }
  // The apps of the tests must not migrate; tests of what only the owner may do ask for this.
  return { DATABASE_URL: app.href, MIGRATION_DATABASE_URL: '', TEST_OWNER_DATABASE_URL: databaseAt(owner, name).href };
};

const databaseAt = (server: URL, name: string): URL => Object.assign(new URL(server), { pathname: `/${name}` });

/** The name of a database that has every migration; made once for each state of the schema and of the code that makes it. */
const templateOn = async (client: pg.Client, owner: URL, app: URL): Promise<string> => {
  const state = (await fingerprint()).slice(0, 16);
  const known = (await databasesOn(client, templates)).find(({ datname }) => datname.endsWith(state));
  if (known !== undefined) return known.datname;
  const suffix = `${newName()}_${state}`;
  await client.query(`create database ${pg.escapeIdentifier(ofRuns + suffix)}`);
  await migrateServer(databaseAt(owner, ofRuns + suffix).href, app.href, migrations);
  await client.query(`alter database ${pg.escapeIdentifier(ofRuns + suffix)} rename to ${pg.escapeIdentifier(templates + suffix)}`);
  return templates + suffix;
};

const dropOldDatabases = async (client: pg.Client): Promise<void> => {
  const old = [
    ...(await databasesOn(client, ofRuns)).filter(({ ageMs }) => ageMs > oneHour),
    ...(await databasesOn(client, templates)).filter(({ ageMs }) => ageMs > 24 * oneHour),
  ];
  for (const { datname } of old) await client.query(`drop database if exists ${pg.escapeIdentifier(datname)} with (force)`);
};

const databasesOn = async (client: pg.Client, prefix: string): Promise<{ datname: string; ageMs: number }[]> => {
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database where starts_with(datname::text, $1)', [prefix]);
  return rows.map(({ datname }) => ({ datname, ageMs: Date.now() - Number(/^\d+/.exec(datname.slice(prefix.length))?.[0]) }));
};
