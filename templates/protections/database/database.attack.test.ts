import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import Type from 'typebox';
import { processFacts } from '#src/config.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { bootCheck } from '#src/protections/database/boot-check.ts';
import { readCursor, timeOf, writeCursor } from '#src/protections/database/cursor.ts';
import { containing } from '#src/protections/database/like.ts';
import { listQuery } from '#src/protections/database/list-query.ts';
import { closed } from '#src/protections/validation/core.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { lint } from '#tests/support/database/lint-fixture.ts';
import { type Received, send } from '#tests/support/http.ts';

type Schema = { notes: { id: string; name: string; password_hash: string; created_at: Date } };

const Notes = closed({ items: Type.Array(closed({ id: Type.String(), name: Type.String() })) });
const text = () => Type.String({ maxLength: 200 });
const columns = { createdAt: 'created_at', name: 'name' } as const;

const fixture = defineModule({
  id: 'notes-fixture',
  prefix: '/notes',
  routes: [
    route(
      { method: 'GET', path: '/', access: 'public', input: { query: listQuery(['createdAt', 'name']) }, output: Notes, summary: 'List' },
      async ({ input }) => {
        const { sort = 'createdAt', dir = 'asc', limit = 100, cursor } = input.query;
        const from = cursor === undefined ? new Date(0) : timeOf(readCursor(cursor));
        const rows = notes.selectFrom('notes').select(['id', 'name']).where('created_at', '>=', from);
        return ok({ items: await rows.orderBy(columns[sort], dir).limit(limit).execute() });
      },
    ),
    route(
      {
        method: 'POST',
        path: '/search',
        access: 'public',
        input: { body: closed({ part: text(), name: text() }) },
        output: Notes,
        summary: 'Search',
      },
      async ({ input: { body } }) => {
        const found = notes.selectFrom('notes').select(['id', 'name']);
        const asked = found.where((eb) => eb.or([eb('name', 'like', containing(body.part)), eb('name', '=', body.name)]));
        return ok({ items: await asked.execute() });
      },
    ),
    route(
      { method: 'GET', path: '/slow', access: 'public', input: {}, output: closed({}), summary: 'Takes three seconds' },
      async ({ app: { services } }) => {
        await sql`select pg_sleep(3)`.execute(services.db.query);
        return ok({});
      },
    ),
    route(
      { method: 'GET', path: '/ended', access: 'public', input: {}, output: closed({}), summary: 'Is ended by the database' },
      async ({ app: { services } }) => {
        await sql`do $$ begin raise exception 'canceling statement canary' using errcode = '57014'; end $$`.execute(services.db.query);
        return ok({});
      },
    ),
  ],
});

// One connection, so that the table of this file can be a temporary one: the app role may make no other.
const app = await startApp({
  env: { DATABASE_POOL_SIZE: '1', STATEMENT_TIMEOUT_MS: '400', IDLE_TRANSACTION_TIMEOUT_MS: '300' },
  modules: [fixture],
});
const { db } = app.context.services;
const onServer = app.context.config.DATABASE_URL !== undefined;
const names = ['100% wool', 'half wool', "Robert'); DROP TABLE notes;--"];
const notes = db.query.$extendTables<Schema>();

/** A new table with the same three rows: whatever an attack did to the last one. */
const refill = async (): Promise<void> => {
  await sql`drop table if exists pg_temp.notes`.execute(notes);
  await sql`create temporary table notes (id uuid, name text, password_hash text, created_at timestamptz)`.execute(notes);
  const rows = names.map((name, index) => ({ id: randomUUID(), name, password_hash: `canary-${index}`, created_at: new Date(index) }));
  await notes.insertInto('notes').values(rows).execute();
};

const foundIn = (answer: Received): string[] => {
  const { items }: { items?: { name: string }[] } = answer.json();
  return (items ?? []).map(({ name }) => name);
};

const search = (part: string, name: string): Promise<Received> => send(app, 'POST', '/notes/search', { body: { part, name } });

const setting = async (name: string): Promise<string | undefined> => {
  const { rows } = await sql<{ value: string }>`select current_setting(${name}) as value`.execute(db.query);
  return rows[0]?.value;
};

benign('a list is sorted by a listed name, in both directions', async () => {
  await refill();
  assert.deepEqual(foundIn(await send(app, 'GET', '/notes?sort=name&dir=desc&limit=2')), [...names].toSorted().toReversed().slice(0, 2));
  assert.deepEqual(
    foundIn(await send(app, 'GET', `/notes?cursor=${writeCursor({ value: new Date(2).toISOString(), id: randomUUID() })}`)),
    names.slice(2),
  );
});

benign('a search finds text with quotes in it', async () => {
  await refill();
  assert.deepEqual(foundIn(await search("Robert')", '')), [names[2]]);
});

attack('Q401', 'tautologies and stacked statements in every text field: no extra rows, the table is still there', async () => {
  await refill();
  assert.deepEqual(foundIn(await search('half', '')), ['half wool']);
  for (const payload of ["' OR 1=1--", "'; DROP TABLE notes;--", "' UNION SELECT id, password_hash FROM notes--", '\\', "\\' OR 1=1--"]) {
    for (const answer of [await search(payload, 'none'), await search('none', payload)]) {
      assert.equal(answer.status, 200, payload);
      assert.deepEqual(foundIn(answer), [], payload);
      assert.doesNotMatch(answer.text, /canary/);
    }
  }
  assert.equal(foundIn(await send(app, 'GET', '/notes')).length, 3);
});

attack('Q401', 'wildcards in a search mean themselves', async () => {
  await refill();
  assert.deepEqual(foundIn(await search('%', 'none')), ['100% wool']);
  assert.deepEqual(foundIn(await search('_', 'none')), []);
  assert.deepEqual(foundIn(await search('wool', 'none')), ['100% wool', 'half wool']);
});

attack('Q401', 'sorting by an unlisted column or an unknown direction answers 422', async () => {
  await refill();
  assert.equal((await send(app, 'GET', '/notes?sort=name')).status, 200);
  for (const query of [
    'sort=passwordHash',
    'sort=password_hash',
    'sort=id;drop',
    'sort=toString',
    'dir=desc;--',
    'dir=DESC',
    'sort=name&dir=(select%201)',
  ]) {
    const answer = await send(app, 'GET', `/notes?${query}`);
    assert.equal(answer.status, 422, query);
    assert.doesNotMatch(answer.text, /canary/);
  }
});

attack('Q401', 'a forged cursor answers 422, not an error of the database', async () => {
  const forged = ['x', Buffer.from('["2030-01-01"]').toString('base64url'), writeCursor({ value: "' OR 1=1--", id: randomUUID() })];
  for (const cursor of [...forged, writeCursor({ value: new Date(0).toISOString(), id: "x' OR 1=1--" })]) {
    assert.equal((await send(app, 'GET', `/notes?cursor=${cursor}`)).status, 422, cursor);
  }
});

attack('Q401', 'pg_sleep in all inputs: the database does not sleep', async () => {
  await refill();
  const payload = "'; select pg_sleep(3); --";
  const started = performance.now();
  assert.equal((await search(payload, payload)).status, 200);
  assert.equal((await send(app, 'GET', `/notes?sort=${encodeURIComponent('(select pg_sleep(3))')}`)).status, 422);
  assert.equal((await send(app, 'GET', `/notes?limit=${encodeURIComponent('pg_sleep(3)')}`)).status, 422);
  assert.ok(performance.now() - started < 3000);
});

attack('Q401', 'the app role can neither create nor drop nor forget a migration', async () => {
  assert.equal((await sql`select name from schema_migrations`.execute(db.query)).rows.length >= 0, true);
  const denied = { code: '42501' };
  await assert.rejects(sql`create table pwned (id int)`.execute(db.query), denied);
  await assert.rejects(sql`drop table schema_migrations`.execute(db.query), denied);
  await assert.rejects(sql`alter table schema_migrations add column pwned int`.execute(db.query), denied);
  await assert.rejects(sql`delete from schema_migrations`.execute(db.query), denied);
});

attack('Q401', 'queries and transactions have a time limit', async () => {
  assert.equal(await setting('statement_timeout'), '400ms');
  assert.equal(await setting('idle_in_transaction_session_timeout'), '300ms');
});

attack('Q401', 'a query beyond its time limit answers 503 and says nothing of the database', async () => {
  const ended = await send(app, 'GET', '/notes/ended');
  assert.equal(ended.status, 503);
  assert.doesNotMatch(ended.text, /canary|canceling/);
  if (!onServer) {
    console.warn('NOT PROVEN HERE: PGlite cannot interrupt a query. With DATABASE_URL this test lets PostgreSQL end one.');
    return;
  }
  const started = performance.now();
  assert.equal((await send(app, 'GET', '/notes/slow')).status, 503);
  assert.ok(performance.now() - started < 2000);
});

attack('Q401', 'a transaction that does nothing is ended, the process goes on', async () => {
  if (!onServer) {
    console.warn('NOT PROVEN HERE: PGlite does not end idle transactions. With DATABASE_URL this test waits for PostgreSQL to do it.');
    return;
  }
  const other = await startApp({ env: { IDLE_TRANSACTION_TIMEOUT_MS: '100' } });
  const idle = other.context.services.db.transaction(async (tx) => {
    await sleep(600);
    await sql`select 1`.execute(tx);
  });
  await assert.rejects(idle, (error) => error instanceof Problem && error.status === 503);
  await other.context.services.db.ready();
});

attack('Q401', 'the linter refuses raw SQL, literals and function names that come from a variable', async () => {
  const head = "import { sql } from 'kysely';\nexport const read = (db: Kysely<{ t: { a: 1 } }>, name: string) =>\n";
  const fine = await lint(
    `${head}  db.selectFrom('t').select((eb) => eb.fn('upper', ['a']).as('a')).where(sql<boolean>\`a = \${name}\`);\n`,
  );
  assert.equal(fine.code, 0, fine.report);
  const refused = [
    "export const a = sql.raw('x');",
    "export const b = sql['raw']('x');",
    'export const c = (value: string) => sql.lit(value);',
    'export const { raw } = sql;',
    'export const { ...rest } = sql;',
    "export const d = (db: Kysely<{ t: { a: 1 } }>, name: string) => db.selectFrom('t').select((eb) => eb.fn(name, ['a']).as('a'));",
    "export const g = (db: Kysely<{ t: { a: 1 } }>, name: string) => db.selectFrom('t').select(({ fn }) => fn.agg(name, ['a']).as('a'));",
    "export const e = (db: Kysely<{ t: { a: 1 } }>, name: string) => db.selectFrom('t').select((eb) => eb.fn.agg(name, ['a']).as('a'));",
  ];
  const { code, report } = await lint(["import { type Kysely, sql } from 'kysely';", ...refused].join('\n'));
  assert.notEqual(code, 0);
  const countOf = (rule: string): number => report.split(`database(${rule})`).length - 1;
  assert.deepEqual([countOf('no-raw-sql'), countOf('no-literal-sql'), countOf('no-dynamic-function')], [4, 2, 3], report);
  const renamed = await lint("import { sql as query } from 'kysely';\nexport const f = (text: string) => query.raw(text);\n");
  assert.notEqual(renamed.code, 0, renamed.report);
});

attack('Q401', 'production refuses the embedded database and the snapshots of tests', () => {
  const facts = processFacts(app.context.config);
  const problems = (config: Partial<typeof facts.config>) =>
    bootCheck({ ...facts, config: { ...facts.config, NODE_ENV: 'production', PGLITE_SNAPSHOT: undefined, ...config } });
  assert.deepEqual(problems({ DATABASE_URL: 'postgres://db/app' }), []);
  assert.match(problems({ DATABASE_URL: undefined }).join(), /DATABASE_URL/);
  assert.deepEqual(problems({ DATABASE_URL: undefined, ALLOW_EMBEDDED_DATABASE: true }), []);
  assert.match(problems({ DATABASE_URL: 'postgres://db/app', PGLITE_SNAPSHOT: '/tmp/x' }).join(), /PGLITE_SNAPSHOT/);
});
