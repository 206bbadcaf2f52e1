import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import Type from 'typebox';
import { prefersHtml } from '#src/protections/app-core/accept.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { closed } from '#src/protections/validation/core.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { startServer } from '#tests/support/errors/server.ts';
import { type Received, send, sendRaw } from '#tests/support/http.ts';

const CANARY = 'db-password-canary';

/** What the PostgreSQL driver throws, as far as anybody looks at it. */
const databaseError = (code: string): Error =>
  Object.assign(new Error(`duplicate key value violates unique constraint "users_email_key" ${CANARY}`), {
    code,
    severity: 'ERROR',
    detail: `Key (email)=(${CANARY}) already exists.`,
    table: 'users',
  });

const failures: Readonly<Record<string, () => unknown>> = {
  error: () => new Error(CANARY),
  null: () => null,
  undefined: () => undefined,
  string: () => CANARY,
  object: () => ({ statusCode: 404, message: CANARY }),
  bare: () => {
    const bare: unknown = Object.create(null);
    return bare;
  },
  'foreign-status': () => Object.assign(new Error(CANARY), { statusCode: 401, status: 401 }),
  nested: () => new Error('outer', { cause: new Error(CANARY) }),
  problem: () => new Problem(409, { detail: 'Somebody was faster.', headers: { 'retry-after': '7' }, close: true }),
  gone: () => new Problem(410, { detail: `<b onload="x">'&` }),
  broken: () => new Problem(503, { cause: new Error(CANARY) }),
  unique: () => databaseError('23505'),
  syntax: () => databaseError('42601'),
  overloaded: () => databaseError('53300'),
  'database-down': () => Object.assign(new AggregateError([new Error(CANARY)], CANARY), { code: 'ECONNREFUSED' }),
  'connection-lost': () => new Error('Connection terminated unexpectedly'),
};

const Value = closed({ value: Type.String() });
const Choice = closed({ what: Type.String() });
const Three = closed({ a: Type.String(), b: Type.String(), c: Type.String() });
const Note = closed({ note: Type.String({ maxLength: 10 }) });

const boom = defineModule({
  id: 'boom',
  prefix: '/boom',
  routes: [
    route(
      { method: 'GET', path: '/handler/:what', access: 'public', input: { params: Choice }, output: Value, summary: 'Fails at once' },
      ({ input }) => {
        throw failures[input.params.what]?.();
      },
    ),
    route(
      { method: 'GET', path: '/async/:what', access: 'public', input: { params: Choice }, output: Value, summary: 'Fails later' },
      async ({ input }) => {
        await setImmediate();
        throw failures[input.params.what]?.();
      },
    ),
    route(
      { method: 'GET', path: '/hook/:what', access: 'public', input: { params: Choice }, output: Value, summary: 'Is never reached' },
      () => ok({ value: 'reached' }),
    ),
    route(
      { method: 'GET', path: '/serializer', access: 'public', input: {}, output: Value, summary: 'Answers what cannot be written' },
      () =>
        ok({
          get value(): string {
            throw new Error(CANARY);
          },
        }),
    ),
    route({ method: 'GET', path: '/fine', access: 'public', input: {}, output: Value, summary: 'Works' }, () => ok({ value: 'fine' })),
    route(
      { method: 'POST', path: '/notes', access: 'public', input: { body: Note }, output: Value, summary: 'Takes a note' },
      ({ input }) => ok({ value: input.body.note }),
    ),
  ],
});

const app = await startApp({
  modules: [boom],
  bindings: [
    {
      id: 'failing-hook',
      install: (_app, { routing }) =>
        routing.guard('session', ({ fullPath }) => {
          if (!fullPath.startsWith('/boom/hook')) return undefined;
          return ({ raw }) => {
            throw failures[raw.params['what'] ?? '']?.();
          };
        }),
    },
  ],
});

/** Nothing of the inside: no canary, stack, path, module or SQL. */
const assertSilent = (answer: Received): void => {
  assert.doesNotMatch(
    answer.text + JSON.stringify(answer.rawHeaders),
    /canary|node_modules|file:|\.ts\b|at \w+ \(|FST_|Error:|users_email|duplicate|constraint|\/boom/i,
  );
};

const assertProblem = (answer: Received, status: number): void => {
  assert.equal(answer.status, status);
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
  assert.equal(answer.json()['status'], status);
  assertSilent(answer);
};

const linesWith = (text: string): number => app.log.lines.filter((line) => JSON.stringify(line).includes(text)).length;

const assertWorks = async (): Promise<void> => {
  const answer = await send(app, 'GET', '/boom/fine');
  assert.deepEqual([answer.status, answer.text], [200, '{"value":"fine"}']);
};

benign('an answer that does not fail is left alone', assertWorks);

benign('a refusal arrives with its status', async () => {
  assert.equal((await send(app, 'GET', '/boom/handler/problem')).status, 409);
  assert.equal((await send(app, 'GET', '/nowhere')).status, 404);
});

attack('Q465', 'a Problem says what it was told to say, and nothing else', async () => {
  const answer = await send(app, 'GET', '/boom/handler/problem');
  assertProblem(answer, 409);
  assert.deepEqual(Object.keys(answer.json()), ['type', 'title', 'status', 'detail']);
  assert.equal(answer.json()['detail'], 'Somebody was faster.');
  assert.equal(answer.headers['retry-after'], '7');
  assert.equal(answer.headers.connection, 'close');
});

benign('JSON is for programs, and HTML for who prefers it', () => {
  for (const accept of [undefined, '*/*', 'application/json', 'text/html;q=0.5, application/json', 'text/html;q=0', 'text/html;q=2']) {
    assert.equal(prefersHtml(accept), false, String(accept));
  }
  for (const accept of ['text/html', 'text/html,application/xhtml+xml,*/*;q=0.8', 'application/json;q=0.1, text/*;q=0.2']) {
    assert.equal(prefersHtml(accept), true, accept);
  }
});

for (const place of ['handler', 'async', 'hook']) {
  attack('Q465', `what ${place === 'async' ? 'async code' : `a ${place}`} throws stays inside, whatever it is`, async () => {
    await assertWorks();
    for (const what of ['error', 'null', 'undefined', 'string', 'object', 'bare', 'foreign-status', 'nested', 'syntax']) {
      app.log.clear();
      const answer = await send(app, 'GET', `/boom/${place}/${what}`);
      assertProblem(answer, 500);
      const id = String(answer.json()['errorId']);
      assert.match(id, /^[a-p]{32}$/);
      assert.equal(linesWith(id), 1, `${what}: one line has the id ${id}`);
    }
    await assertWorks();
  });
}

attack('Q465', 'an answer that cannot be serialised says nothing of why', async () => {
  app.log.clear();
  const answer = await send(app, 'GET', '/boom/serializer');
  assertProblem(answer, 500);
  assert.equal(linesWith(String(answer.json()['errorId'])), 1);
  await assertWorks();
});

attack('Q465', 'a page for browsers says no more than the JSON', async () => {
  const answer = await send(app, 'GET', '/boom/handler/error', { headers: { accept: 'text/html' } });
  assert.equal(answer.status, 500);
  assert.match(answer.headers['content-type'] ?? '', /^text\/html/);
  assert.match(answer.text, /Error id: [a-p]{32}/);
  assertSilent(answer);
  const detail = await send(app, 'GET', '/boom/handler/gone', { headers: { accept: 'text/html' } });
  assert.match(detail.text, /&lt;b onload=&quot;x&quot;&gt;&#39;&amp;/);
  const unknown = await send(app, 'GET', '/<script>', { headers: { accept: 'text/html' } });
  assert.ok([400, 404].includes(unknown.status));
  assert.doesNotMatch(unknown.text, /script/);
});

attack('Q465', 'faults of the request are answered as such', async () => {
  await assertWorks();
  const post = (body: string | Uint8Array, type = 'application/json') =>
    send(app, 'POST', '/boom/notes', { body, headers: { 'content-type': type } });
  assert.equal((await post('{"note":"honest"}')).status, 200);
  assertProblem(await post('{"note":"canary'), 400);
  assertProblem(await post('<note>canary</note>', 'application/xml'), 415);
  assertProblem(await post('{"note":"canary and much more"}'), 422);
  assertProblem(await post(JSON.stringify({ note: 'x'.repeat(app.context.config.BODY_LIMIT_BYTES) })), 413);
  for (const path of ['/boom/handler/%zz', '/boom/handler/%c0%ae', '/boom/handler/%ff', '/%zz', '/.malformed/%/target']) {
    const answer = await send(app, 'GET', path);
    assert.ok([400, 404].includes(answer.status), path);
    assertProblem(answer, answer.status);
  }
  assert.equal((await send(app, 'GET', '/boom/handler/%zz')).status, 400);
});

attack('Q465', 'a target that cannot be decoded passes the same hooks as every other', async () => {
  const known = await send(app, 'GET', '/nowhere');
  const answer = await send(app, 'GET', '/boom/handler/%zz');
  assert.equal(answer.status, 400);
  const names = ({ rawHeaders }: Received) =>
    rawHeaders
      .filter((_, index) => index % 2 === 0)
      .map((name) => name.toLowerCase())
      .toSorted();
  assert.deepEqual(names(answer), names(known));
});

attack('Q465', 'a name for malformed targets is no way to a handler', async () => {
  const open = await startApp({
    modules: [
      defineModule({
        id: 'deep',
        prefix: '/',
        routes: [
          route(
            { method: 'GET', path: '/:a/:b/:c', access: 'public', input: { params: Three }, output: Value, summary: 'Takes any three' },
            ({ input }) => ok({ value: input.params.c }),
          ),
        ],
      }),
    ],
  });
  assert.equal((await send(open, 'GET', '/1/2/3')).status, 200);
  const answer = await send(open, 'GET', '/1/2/%zz');
  assertProblem(answer, 400);
});

attack('Q465', 'an oversized header gets a 4xx without internals', async () => {
  const { text } = await sendRaw(app, `GET /boom/fine HTTP/1.1\r\nhost: app.test\r\nx-canary: ${'a'.repeat(20_000)}\r\n\r\n`);
  assert.match(text, /^HTTP\/1\.1 4\d\d /);
  assert.doesNotMatch(text, /canary|HPE_|node_modules/);
});

attack('Q465', 'the database speaks of conflicts and absence, not of tables', async () => {
  await assertWorks();
  app.log.clear();
  assertProblem(await send(app, 'GET', '/boom/handler/unique'), 409);
  assert.equal(linesWith(CANARY), 0, 'a conflict is no failure of ours: no line quotes the row');
  for (const what of ['database-down', 'connection-lost', 'overloaded', 'broken'])
    assertProblem(await send(app, 'GET', `/boom/async/${what}`), 503);
});

attack('Q465', 'scanners do not write the log', async () => {
  assert.equal((await send(app, 'GET', '/boom/fine')).status, 200);
  app.log.clear();
  for (let probe = 0; probe < 30; probe += 1) {
    const answer = await send(app, 'GET', `/wp-admin/canary-${probe}.php`);
    assertProblem(answer, 404);
  }
  assert.equal(app.log.lines.filter(({ level }) => Number(level) >= 40).length, 0);
  assert.doesNotMatch(app.log.text, /wp-admin|canary/);
  app.clock.advance(60_000);
  await send(app, 'GET', '/wp-admin/one-more.php');
  const summaries = app.log.lines.filter(({ msg }) => msg === 'requests for unknown paths');
  assert.equal(summaries.length, 1);
  assert.ok(Number(summaries[0]?.['count']) >= 31);
});

attack('Q465', 'an unhandled rejection ends the process after the requests that run', async () => {
  const server = await startServer();
  const busy = server.get('/failing/busy');
  await server.logged('busy');
  assert.equal(await server.get('/failing/reject'), 200);
  assert.equal(await busy, 200);
  assert.equal(await server.exited, 1);
  await server.logged('unhandledRejection');
});
