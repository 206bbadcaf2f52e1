import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { EmittedApp } from '../tests/emitted/emitted-app.ts';

export type Env = Readonly<Record<string, string>>;

/** Somebody who is signed in and owns a document, in the database of an app. */
export interface Person {
  readonly email: string;
  readonly userId: string;
  readonly cookie: string;
  readonly documentId: string;
}

/** Everybody's. */
export const password = 'four words that differ';

/** Runs in the emitted app: adds people to its database, and tells of them. */
const script = `
import { buildApp } from '#src/app.ts';
import { loadConfig } from '#src/config.ts';
import { hasherOf } from '#src/protections/auth-password/hashing/hasher.ts';
import { setPassword } from '#src/protections/auth-password/passwords.ts';
import { insertSession } from '#src/protections/sessions/store.ts';
import { documentsOf } from '#src/routes/documents/repository.ts';
import { addUser } from '#src/services/users/users.ts';

const [count, password] = process.argv.slice(2);
const app = await buildApp(loadConfig(process.env));
const { query } = app.context.services.db;
const hash = await hasherOf(app.context).hash(password);
const people = [];
for (let number = 0; number < Number(count); number += 1) {
  const email = crypto.randomUUID() + '@people.test';
  const user = await addUser(query, { email, verifiedAt: new Date() });
  await query.transaction().execute((tx) => setPassword(tx, app.context, user.id, hash));
  const session = { userId: user.id, way: 'password', state: 'full', limitedTo: null, client: 'Bench', address: '127.0.0.1' };
  const document = await documentsOf(user, query).create({ title: 'A title', body: 'A text. '.repeat(40) }, new Date());
  people.push({ email, userId: user.id, cookie: 'sid=' + await insertSession(query, session), documentId: document.id });
}
await app.close();
console.log(JSON.stringify(people));
`;

/** Adds people to the database of an app that does not run. */
export const addPeople = async (app: EmittedApp, env: Env, count: number): Promise<Person[]> => {
  writeFileSync(path.join(app.directory, 'people.ts'), script);
  const output = await app.run(`node --disable-proto=delete people.ts ${count} '${password}'`, { LOG_LEVEL: 'silent', ...env });
  const people: Person[] = JSON.parse(output.trim().split('\n').at(-1) ?? '[]');
  return people;
};

/** A database of an app: the embedded one, or one on a server. */
export interface AppDatabase {
  readonly name: 'embedded' | 'server';
  readonly env: Env;
  drop(): Promise<void>;
}

const embedded: AppDatabase = { name: 'embedded', env: {}, drop: async () => {} };

/** A new database on the server of `owner`, with the schema of the app. */
const onServer = async (owner: string, app: EmittedApp): Promise<AppDatabase> => {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
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
  const [ofOwner, ofApp] = [new URL(owner), new URL(owner)];
  for (const url of [ofOwner, ofApp]) url.pathname = `/${name}`;
  ofApp.username = 'app_rt';
  ofApp.password = 'app_rt';
  await app.run('npm run --silent migrate', { DATABASE_URL: ofApp.href, MIGRATION_DATABASE_URL: ofOwner.href });
  return { name: 'server', env: { DATABASE_URL: ofApp.href }, drop: () => admin(`drop database if exists ${name} with (force)`) };
};

/** The databases to measure with: the embedded one, and one on the server of DATABASE_URL where that is set. */
export const databases = async function* (app: EmittedApp): AsyncGenerator<AppDatabase> {
  yield embedded;
  const { DATABASE_URL: owner } = process.env;
  if (owner === undefined) return;
  const database = await onServer(owner, app);
  try {
    yield database;
  } finally {
    await database.drop();
  }
};
