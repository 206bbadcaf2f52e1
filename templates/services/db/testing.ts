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
  const { DATABASE_URL: app = '', MIGRATION_DATABASE_URL: owner = '' } = process.env;
  return app === '' ? { PGLITE_SNAPSHOT: await snapshot() } : freshDatabase(new URL(owner === '' ? app : owner), new URL(app));
};

const oneHour = 3_600_000;

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

/** Each run has a database of its own; those of runs long over are dropped. */
const freshDatabase = async (owner: URL, given: URL): Promise<Record<string, string>> => {
  const name = `test_run_${Date.now()}_${randomBytes(4).toString('hex')}`;
  const client = new pg.Client({ connectionString: owner.href });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>("select datname from pg_database where datname like 'test\\_run\\_%'");
    const old = rows.map(({ datname }) => datname).filter((datname) => Number(datname.split('_')[2]) < Date.now() - oneHour);
    for (const datname of old) await client.query(`drop database if exists ${pg.escapeIdentifier(datname)} with (force)`);
    await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  const ofRun = new URL(owner);
  ofRun.pathname = `/${name}`;
  const app = new URL(ofRun);
  app.username = appRole;
  app.password = given.username === appRole ? given.password : appRole;
  await migrateServer(ofRun.href, app.href, migrations);
  return { DATABASE_URL: app.href, MIGRATION_DATABASE_URL: '' };
};
