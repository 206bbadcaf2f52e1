import assert from 'node:assert/strict';
import { setImmediate as tick } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import Type from 'typebox';
import type { AppContext } from '#src/context.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { logOptions } from '#src/protections/logging/options.ts';
import { redact } from '#src/protections/logging/redact.ts';
import { closed } from '#src/protections/validation/core.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { cpuCost } from '#tests/support/cost.ts';
import { send } from '#tests/support/http.ts';
import { LogCapture } from '#tests/support/log.ts';

/** What an HTTP client throws: the request that it sent hangs on the error. */
class ClientError extends Error {
  readonly config = { headers: { Authorization: 'Bearer canary-authorization' }, data: 'canary-data' };
  readonly code = 'E_UPSTREAM';
}

const Login = closed({ email: Type.String(), password: Type.String() });

const fixture = defineModule({
  id: 'fixture',
  prefix: '/fixture',
  routes: [
    route({ method: 'POST', path: '/login', access: 'public', credential: 'none', input: { body: Login }, output: closed({}), summary: 'Signs in' }, () => ok({})),
    route(
      { method: 'GET', path: '/reset/:token', access: 'public', input: { params: closed({ token: Type.String() }) }, output: closed({}), summary: 'Resets' },
      () => ok({}),
    ),
    route(
      { method: 'GET', path: '/search', access: 'public', input: { query: closed({ key: Type.String() }) }, output: closed({}), summary: 'Searches' },
      () => ok({}),
    ),
    route(
      { method: 'POST', path: '/fails/:token', access: 'public', input: { params: closed({ token: Type.String() }), body: Login }, output: closed({}), summary: 'Throws' },
      ({ app: { log }, request }) => {
        const failure = new ClientError('the upstream failed');
        log.error({ err: failure, incoming: request }, 'could not ask upstream');
        log.error(request, 'a request as it is');
        log.child({ req: request }).error('a request in the bindings of a child');
        throw failure;
      },
    ),
  ],
});

/** An id that tries to end the line and start another. */
const forgedId = 'eve"\n{"level":60,"msg":"forged"}\n\u001B[31m';

/** Says who asks, as the protections of the app would. */
const identity = {
  id: 'fixture-identity',
  install: (_app: unknown, { routing }: AppContext) =>
    routing.guard('identity', () => ({ context, request }) => {
      const name = request.headers['x-fixture-actor'];
      if (name !== undefined) context.actor = { id: name === 'forged' ? forgedId : String(name), roles: [] };
      return undefined;
    }),
};

const app = await startApp({ modules: [fixture], bindings: [identity] });

/** The access log lines of the last `count` requests; a line is written when its response is over. */
const requestLines = async (count: number): Promise<Record<string, unknown>[]> => {
  const lines = () => app.log.lines.filter(({ msg }) => msg === 'request');
  for (let turns = 0; turns < 1000 && lines().length < count; turns += 1) await tick();
  return lines();
};

const logged = (write: (log: Logger) => void): string => {
  app.log.clear();
  write(app.context.log);
  return app.log.text;
};

/** The entry that `write` makes, parsed. */
const entryOf = (write: (log: Logger) => void): Record<string, unknown> => {
  logged(write);
  return app.log.lines[0] ?? {};
};

benign('one line for each request: method, route pattern, status, duration, request id, actor id', async () => {
  app.log.clear();
  assert.equal((await send(app, 'GET', '/healthz', { headers: { 'x-fixture-actor': 'alice' } })).status, 200);
  const [line, ...others] = await requestLines(1);
  assert.deepEqual(others, []);
  assert.equal(line?.['method'], 'GET');
  assert.equal(line['route'], '/healthz');
  assert.equal(line['status'], 200);
  assert.equal(line['actor'], 'alice');
  assert.equal(typeof line['ms'], 'number');
  assert.match(String(line['id']), /^[\da-f-]{36}$/);
  assert.equal(line['level'], 30);
});

benign('what is no secret is logged unchanged', () => {
  const entry = { orderId: '1234567812345678', email: 'a@b.test', sizes: [1, 2.5, null, true], at: 1_893_456_000_000, nested: { path: '/a/b?x=1', id: 'a1b2c3d4-e5f6-4a0b-8c0d-e0f1a2b3c4d5' } };
  const { level, time, msg, ...rest } = entryOf((log) => log.info(entry, 'an order of 12 shoes'));
  assert.deepEqual(rest, entry);
  assert.equal(msg, 'an order of 12 shoes');
  assert.equal(level, 30);
  assert.equal(typeof time, 'number');
});

benign('an error is logged with name, message, code and stack', () => {
  const { err } = entryOf((log) => log.error({ err: new ClientError('no answer', { cause: new RangeError('too far') }) }));
  assert.partialDeepStrictEqual(err, { name: 'Error', message: 'no answer', code: 'E_UPSTREAM', cause: { name: 'RangeError', message: 'too far' } });
  assert.match(app.log.text, /"stack":"Error: no answer\\n {4}at /);
});

attack('Q417', 'password, bearer, cookie, query value, reset token and multipart field of requests: none is in the log', async () => {
  app.log.clear();
  const headers = { authorization: 'Bearer canary-bearer', cookie: 'sid=canary-cookie', 'x-api-key': 'canary-key' };
  const multipart = '--b\r\nContent-Disposition: form-data; name="note"\r\n\r\ncanary-field\r\n--b--\r\n';
  const statuses = [
    (await send(app, 'POST', '/fixture/login', { headers, body: { email: 'canary@mail.test', password: 'canary-password' } })).status,
    (await send(app, 'GET', '/fixture/search?key=canary-query', { headers })).status,
    (await send(app, 'GET', '/fixture/reset/canary-reset', { headers })).status,
    (await send(app, 'GET', '/nowhere/canary-path?token=canary-unknown')).status,
    (await send(app, 'POST', '/fixture/login', { headers: { 'content-type': 'multipart/form-data; boundary=b' }, body: multipart })).status,
  ];
  assert.deepEqual(statuses, [200, 200, 200, 404, 415]);
  const lines = await requestLines(5);
  assert.deepEqual(lines.map(({ route: pattern }) => pattern).slice(0, 4), ['/fixture/login', '/fixture/search', '/fixture/reset/:token', null]);
  assert.doesNotMatch(app.log.text, /canary/);
});

attack('Q417', 'line breaks, a forged entry and an escape sequence in the path: one JSON line for each request', async () => {
  app.log.clear();
  const paths = ['/x%0a{"level":60}', '/x%0d%0a%1b[31mred', '/fixture/reset/%0a%7B%22level%22:60%7D', '/x%C2%9B31m', '/x%E2%80%A8y'];
  for (const path of paths) {
    const { status } = await send(app, 'GET', path.replaceAll('"', '%22').replaceAll('{', '%7B').replaceAll('}', '%7D'));
    assert.ok(status < 500, path);
  }
  const lines = await requestLines(paths.length);
  assert.equal(lines.length, paths.length);
  assert.deepEqual(lines.filter(({ level }) => level === 60), []);
  assert.doesNotMatch(app.log.text, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028]/);
});

attack('Q417', 'an actor id that ends the line and forges another: quoted, still one line', async () => {
  app.log.clear();
  await send(app, 'GET', '/fixture/search?key=x', { headers: { 'x-fixture-actor': 'forged' } });
  const [line, ...others] = await requestLines(1);
  assert.deepEqual(others, []);
  assert.equal(line?.['actor'], forgedId);
});

attack('Q417', 'terminal controls and bidirectional overrides in a message are escaped', () => {
  const { from } = entryOf((log) => log.warn({ from: 'a\u009B31mb\u202Ec\u2028d' }, 'from \u0085\u001B[2J'));
  assert.equal(from, 'a\u009B31mb\u202Ec\u2028d');
  assert.doesNotMatch(app.log.text.trimEnd(), /[\u0000-\u001F\u007F-\u009F\u2028\u202E]/);
});

attack('Q417', 'a handler fails while it holds a body with a canary: the id is logged, the body and the request are not', async () => {
  app.log.clear();
  const { status } = await send(app, 'POST', '/fixture/fails/canary-token', {
    headers: { 'x-note': 'canary-header' },
    body: { email: 'canary@mail.test', password: 'canary-password' },
  });
  assert.equal(status, 500);
  const [line] = await requestLines(1);
  assert.equal(line?.['status'], 500);
  assert.match(app.log.text, /the upstream failed/);
  assert.ok(app.log.lines.some(({ incoming }) => JSON.stringify(incoming)?.includes(String(line['id']))));
  assert.doesNotMatch(app.log.text, /canary/);
});

attack('Q470', 'canaries six levels deep, in arrays, in a cause, in a message, in the bindings of a child logger: all masked', () => {
  const deep = { a: { b: { c: { d: { e: { PassWord: 'canary-deep' } } } } } };
  const text = logged((log) => {
    log.info(deep);
    log.info({ list: [{ api_key: 'canary-array' }, [{ 'X-Refresh-Token': ['canary-list'] }]] });
    log.error(new Error('outer', { cause: new Error('inner', { cause: new Error('password=canary-cause') }) }));
    log.info('sign in with password: canary-message');
    log.info('sent %o', { clientSecret: 'canary-format' });
    log.child({ session: { id: 'canary-binding' }, headers: { AUTHORIZATION: 'canary-header' } }).info('child');
    log.info({ headers: { AUTHORIZATION: 'Digest canary-upper', 'Set-Cookie': 'sid=canary-set' } });
    log.info('cookie: theme=dark; sid=canary-pair');
    log.info('connects to postgres://app:canary-url@db.test/app');
  });
  assert.equal(text.trimEnd().split('\n').length, 9);
  assert.doesNotMatch(text, /canary/);
  assert.match(text, /sign in with/);
});

attack('Q470', 'a JWT, API keys and card numbers without a telling name are masked; an order number that fails the check digit stays', () => {
  const secrets = [
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mBqR_XYZ09',
    'app_live_9fK-2xQ_v7Lm3RtZ8wYb1Nc6',
    'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
    'AKIAIOSFODNN7EXAMPLE',
    '4111111111111111',
    '4111 1111 1111 1111',
    '3782-822463-10005',
    '5555 5555 5555 4444',
  ];
  for (const secret of secrets) {
    const text = logged((log) => log.info({ note: `before ${secret} after` }, secret));
    assert.ok(!text.includes(secret), secret);
    assert.match(text, /before \[redacted\] after/);
  }
  assert.doesNotMatch(logged((log) => log.info({ note: 4_111_111_111_111_111 })), /4111/);
  assert.doesNotMatch(logged((log) => log.info('paid with 12 4111 1111 1111 1111 12/28')), /4111/);
  assert.match(logged((log) => log.info('order 4111111111111112 of 2030')), /4111111111111112 of 2030/);
});

attack('Q470', 'the child logger that a library makes, with serialisers and formatters of its own, masks the same', () => {
  const text = logged((log) => {
    const library = log.child({ name: 'library' }, { serializers: { err: (value: unknown) => value }, formatters: { log: (entry) => entry }, redact: ['x'] });
    library.error({ err: { config: { headers: { authorization: 'canary-library' } } } });
    library.child({ token: 'canary-grandchild' }).info('nested');
  });
  assert.match(text, /"name":"library"/);
  assert.doesNotMatch(text, /canary/);
});

attack('Q470', 'a transport behind the logger gets redacted lines', () => {
  const transport = new LogCapture();
  pino(logOptions, transport).info({ password: 'canary' }, 'sent');
  assert.equal(transport.lines[0]?.['password'], '[redacted]');
});

attack('Q470', 'what goes to metrics and traces by redact() is masked too', () => {
  const shared = { n: 1 };
  const span: Record<string, unknown> = { route: '/x', attributes: [{ Password: 'canary' }], first: shared, second: shared };
  span['self'] = span;
  assert.deepEqual(redact(span), { route: '/x', attributes: [{ Password: '[redacted]' }], first: { n: 1 }, second: { n: 1 }, self: '[circular]' });
});

attack('Q470', 'circular, enormous and throwing objects: the log neither throws nor leaks', () => {
  const circle: Record<string, unknown> = { password: 'canary-circle' };
  circle['self'] = circle;
  const text = logged((log) => {
    log.info(circle);
    log.info({
      trap: {
        get value() {
          throw new Error('canary-trap');
        },
      },
    });
    log.info({ body: Object.fromEntries([['__proto__', { password: 'canary-proto' }], ['constructor', { token: 'canary-constructor' }]]) });
  });
  assert.equal(text.trimEnd().split('\n').length, 3);
  assert.doesNotMatch(text, /canary/);
});

attack('Q470', 'strings of 1 MB made to be slow: masked or cut, each in under 50 ms', () => {
  const size = 1_000_000;
  const made = (text: string) => text.repeat(Math.ceil(size / text.length));
  const texts = ['a', 'eyJ-', 'eyJaaaaa.', '1 ', '4111 ', '://a:', 'password', 'a1_', 'bearer ', 'aaaaaaaaaa_', 'cookie:', '"'].map(made);
  for (const text of texts) {
    for (const write of [(log: Logger) => log.info({ text }), (log: Logger) => log.info(text)]) {
      const took = cpuCost(() => logged(write));
      assert.ok(took < 50, `${text.slice(0, 12)} took ${took} ms`);
      assert.ok(app.log.text.length < 20_000, `${text.slice(0, 12)} made a line of ${app.log.text.length}`);
    }
  }
});
