import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { join } from 'node:path';
import Type from 'typebox';
import { processFacts } from '#src/config.ts';
import { noContent, ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { bootCheck } from '#src/protections/request-hygiene/boot-check.ts';
import { serializeCookie } from '#src/protections/request-hygiene/cookie.ts';
import {
  extendedParameter,
  headerValue,
  structuredInteger,
  structuredString,
  structuredToken,
} from '#src/protections/request-hygiene/header-value.ts';
import { type TestApp, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send, sendRaw } from '#tests/support/http.ts';

const Text = Type.Object({ text: Type.String() }, { additionalProperties: false });
const shared = { access: 'public', input: {}, output: Text, summary: 'Only for this test' } as const;
const input = { query: Text };

/** How often the handler of each path ran. */
const reached = { canary: 0, body: 0 };

const fixture = defineModule({
  id: 'hygiene-fixture',
  prefix: '/fixture',
  routes: [
    route({ ...shared, input, method: 'GET', path: '/value' }, ({ input: { query } }) =>
      ok({ text: '' }, { 'content-language': headerValue(query.text) }),
    ),
    route({ ...shared, input, method: 'GET', path: '/careless' }, ({ input: { query } }) => ok({ text: '' }, { 'x-echo': query.text })),
    route({ ...shared, input, method: 'GET', path: '/careless-name' }, ({ input: { query } }) => ({
      status: 204,
      headers: Object.fromEntries([[query.text, 'a']]),
    })),
    route({ ...shared, input, method: 'GET', path: '/file' }, ({ input: { query } }) =>
      ok({ text: '' }, { 'content-disposition': `attachment; ${extendedParameter('filename', query.text)}` }),
    ),
    route({ ...shared, input, method: 'GET', path: '/quoted' }, ({ input: { query } }) =>
      ok({ text: '' }, { 'x-label': structuredString(query.text) }),
    ),
    route({ ...shared, input, method: 'GET', path: '/token' }, ({ input: { query } }) =>
      ok({ text: '' }, { 'x-token': structuredToken(query.text) }),
    ),
    route({ ...shared, input, method: 'GET', path: '/cookie' }, ({ input: { query } }) =>
      ok({ text: '' }, { 'set-cookie': serializeCookie('prefs', query.text) }),
    ),
    route({ ...shared, method: 'GET', path: '/canary' }, () => {
      reached.canary += 1;
      return noContent();
    }),
    route({ ...shared, method: 'POST', path: '/body', input: { body: Text } }, ({ input: { body } }) => {
      reached.body += 1;
      return ok(body);
    }),
    route({ ...shared, method: 'GET', path: '/authorization' }, ({ request }) => ok({ text: request.headers.authorization ?? '' })),
    route({ ...shared, method: 'GET', path: '/name/:text', input: { params: Text } }, ({ input: { params } }) => ok(params)),
    route({ ...shared, method: 'GET', path: '/never' }, () => new Promise(() => undefined)),
  ],
});

const app = await startApp({ modules: [fixture] });
const document = '{"text":"hello"}';
/** For answers after which the server closes: how long a busy machine may take, ms. */
const patience = 2_000;
const canary = 'GET /fixture/canary HTTP/1.1\r\nhost: app.test\r\n\r\n';
const lastCanary = canary.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n');
const chunk = `${document.length.toString(16)}\r\n${document}\r\n0\r\n\r\n`;

/** A POST whose head says of its own length and coding only what `lines` say. */
const post = (lines: readonly string[], body: string, version = '1.1'): string =>
  `${['POST /fixture/body HTTP/' + version, 'host: app.test', 'content-type: application/json', ...lines].join('\r\n')}\r\n\r\n${body}`;

const length = `content-length: ${document.length}`;
const chunked = 'transfer-encoding: chunked';

benign('an honest body arrives, counted or chunked, and the connection serves the next request', async () => {
  const before = reached.canary;
  for (const message of [post([length], document), post([chunked], chunk)]) {
    const { text } = await sendRaw(app, message + lastCanary, patience);
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.match(text, /HTTP\/1\.1 204 /);
  }
  assert.equal(reached.canary, before + 2);
});

benign('honest paths, languages, file names and cookies pass', async () => {
  assert.equal((await send(app, 'GET', '/fixture/value?text=de-CH')).headers['content-language'], 'de-CH');
  assert.equal((await send(app, 'GET', '/fixture/quoted?text=two%20words')).headers['x-label'], '"two words"');
  assert.equal((await send(app, 'GET', '/fixture/token?text=a-b')).headers['x-token'], 'a-b');
  assert.equal((await send(app, 'GET', '/fixture/file?text=a.txt')).headers['content-disposition'], 'attachment; filename="a.txt"');
  assert.deepEqual((await send(app, 'GET', '/fixture/cookie?text=dark')).headers['set-cookie'], [
    'prefs=dark; Path=/; HttpOnly; Secure; SameSite=Lax',
  ]);
  for (const [path, text] of [
    ['v1.2', 'v1.2'],
    ['.well-known', '.well-known'],
    ['a%2Fb', 'a/b'],
    ['a..b', 'a..b'],
    ['%C3%A9', 'é'],
    ['x?y=//z', 'x'],
  ] as const) {
    if (path.includes('?')) assert.equal((await send(app, 'GET', `/fixture/careless?text=%2F%2Fz`)).headers['x-echo'], '//z');
    else assert.deepEqual((await send(app, 'GET', `/fixture/name/${path}`)).json(), { text });
  }
});

benign('the proxy example rewrites messages and keeps what clients claim out', () => {
  const conf = readFileSync('docs/proxy/nginx.conf', 'utf8');
  for (const line of [
    'proxy_request_buffering on;',
    'proxy_buffering on;',
    'ignore_invalid_headers on;',
    'proxy_set_header X-Forwarded-For $remote_addr;',
  ])
    assert.ok(conf.includes(line), line);
});

attack('Q407', 'line breaks, controls, other scripts and 4 KB in a value are refused, not sent and not a 500', async () => {
  const hostile = ['en%0d%0aSet-Cookie:x=1', 'en%0aSet-Cookie:x=1', '%E2%82%AC', 'a%7f', 'x'.repeat(4_096)];
  assert.throws(() => headerValue('a\0b'), { status: 422 });
  for (const name of ['value', 'careless', 'quoted', 'token']) {
    assert.equal((await send(app, 'GET', `/fixture/${name}?text=ok`)).status, 200);
    for (const text of hostile) {
      const answer = await send(app, 'GET', `/fixture/${name}?text=${text}`);
      assert.equal(answer.status, 422, `${name} ${text.slice(0, 30)}`);
      assert.equal(answer.headers['set-cookie'], undefined);
    }
    // A NUL does not even get past the schema.
    assert.ok([400, 422].includes((await send(app, 'GET', `/fixture/${name}?text=%00`)).status));
  }
});

attack('Q407', 'the answer to an injected line break is one message with one head and no cookie', async () => {
  for (const name of ['value', 'careless', 'file', 'cookie']) {
    const path = `/fixture/${name}?text=en%0d%0aSet-Cookie:%20stolen=1%0d%0a%0d%0aHTTP/1.1%20200%20OK`;
    const { text } = await sendRaw(app, `GET ${path} HTTP/1.1\r\nhost: app.test\r\nconnection: close\r\n\r\n`, patience);
    assert.match(text, /^HTTP\/1\.1 (?:200|422) /);
    assert.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1, name);
    assert.doesNotMatch(text, /^set-cookie: stolen/im, name);
  }
});

attack('Q407', 'a header name from outside is refused', async () => {
  for (const name of ['Set-Cookie', 'x%0d%0ay', 'x%20y', '', '%C3%A9'])
    assert.equal((await send(app, 'GET', `/fixture/careless-name?text=${name}`)).status, 422, name);
});

attack('Q407', 'a file name cannot break out of its quotes, whatever it holds', async () => {
  const answer = await send(app, 'GET', `/fixture/file?text=${encodeURIComponent('a"; x="b\\%.html')}`);
  assert.equal(
    answer.headers['content-disposition'],
    `attachment; filename="a_; x=_b__.html"; filename*=UTF-8''a%22%3B%20x%3D%22b%5C%25.html`,
  );
  assert.equal(
    extendedParameter('filename', "naïve (1)'*.txt"),
    `filename="na_ve (1)'*.txt"; filename*=UTF-8''na%C3%AFve%20%281%29%27%2A.txt`,
  );
  for (const text of ['a\r\nb', 'a\0b', '\ud800', 'x'.repeat(4_000)])
    assert.throws(() => extendedParameter('filename', text), { status: 422 });
});

attack('Q407', 'structured values hold nothing but what their type can', () => {
  assert.equal(structuredString('say "hi" \\'), '"say \\"hi\\" \\\\"');
  for (const text of ['caf\u00e9', 'a\tb']) assert.throws(() => structuredString(text), { status: 422 });
  assert.equal(structuredInteger(-5), '-5');
  for (const value of [1.5, Number.NaN, 1e15]) assert.throws(() => structuredInteger(value), { status: 422 });
  for (const text of ['1a', 'a b', 'a;b', '']) assert.throws(() => structuredToken(text), { status: 422 });
});

attack('Q407', 'a cookie value cannot add attributes or cookies', async () => {
  const { headers } = await send(app, 'GET', `/fixture/cookie?text=${encodeURIComponent('a; Domain=evil.test, b=c "\\é')}`);
  assert.deepEqual(headers['set-cookie'], [
    'prefs=a%3B%20Domain%3Devil.test%2C%20b%3Dc%20%22%5C%C3%A9; Path=/; HttpOnly; Secure; SameSite=Lax',
  ]);
});

attack('Q407', 'a cookie that browsers would drop or that breaks its own promise is refused', () => {
  for (const name of ['', 'a b', 'a;b', 'a=b', 'a\r\n']) assert.throws(() => serializeCookie(name, 'v'), TypeError);
  assert.throws(() => serializeCookie('a', 'v', { path: '/; Domain=evil.test' }), TypeError);
  assert.throws(() => serializeCookie('a', 'v', { domain: 'a.test;b' }), TypeError);
  assert.throws(() => serializeCookie('__Host-a', 'v', { path: '/x' }), TypeError);
  assert.throws(() => serializeCookie('__Host-a', 'v', { domain: 'app.test' }), TypeError);
  assert.throws(() => serializeCookie('__Secure-a', 'v', { secure: false }), TypeError);
  assert.throws(() => serializeCookie('a', 'v', { sameSite: 'None', secure: false }), TypeError);
  assert.throws(() => serializeCookie('a', 'x'.repeat(4_096)), TypeError);
});

attack('Q407', 'the linter refuses a header name that is computed', () => {
  const lint = (code: string) => {
    const folder = mkdtempSync(join(process.cwd(), 'lint-fixture-'));
    try {
      writeFileSync(join(folder, 'fixture.ts'), code);
      const { status, stdout, stderr } = spawnSync('node_modules/.bin/oxlint', ['-c', '.oxlintrc.json', join(folder, 'fixture.ts')], {
        encoding: 'utf8',
      });
      return { status, output: stdout + stderr };
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const answer = (headers: string) => `export const answer = (name: string) => ({ status: 200, headers: ${headers}, name });\n`;
  const control = lint(answer(`{ 'x-name': 'a' }`));
  assert.equal(control.status, 0, control.output);
  for (const code of [
    answer(`{ [name]: 'a' }`),
    answer(`{ [\`x-\${name}\`]: 'a' }`),
    `import type { ServerResponse } from 'node:http';\nexport const set = (to: ServerResponse, name: string) => to.setHeader(name, 'a');\n`,
  ]) {
    const { status, output } = lint(code);
    assert.notEqual(status, 0, code);
    assert.match(output, /no-computed-header-name/);
  }
});

/** Messages that two readers end at different places. */
const smuggled: Readonly<Record<string, string>> = {
  'CL.TE': post([length, chunked], chunk),
  'TE.CL': post([chunked, 'content-length: 3'], chunk),
  'two lengths': post([length, 'content-length: 3'], document),
  'the same length twice': post([length, length], document),
  'a list of lengths': post([`content-length: ${document.length}, ${document.length}`], document),
  'a signed length': post([`content-length: +${document.length}`], document),
  'a hexadecimal length': post(['content-length: 0x10'], document),
  xchunked: post(['transfer-encoding: xchunked'], chunk),
  'chunked, identity': post(['transfer-encoding: chunked, identity'], chunk),
  'gzip, chunked': post(['transfer-encoding: gzip, chunked'], chunk),
  'two codings': post([chunked, 'transfer-encoding: identity'], chunk),
  'a space before the colon': post(['transfer-encoding : chunked'], chunk),
  'a bare LF in the head': post([length], document).replaceAll('\r\n', '\n'),
  'one bare LF': post([`x-a: b\n${length}`], document),
  'a folded header': post([chunked.replace(' ', '\r\n ')], chunk),
  'a bad chunk size': post([chunked], chunk.replace('\r\n', 'z\r\n')),
  'a bad chunk extension': post([chunked], chunk.replace('\r\n', ';a=\u0001\r\n')),
  'a chunk extension with a bare LF': post([chunked], chunk.replace('\r\n', ';a\n')),
  'a coding in HTTP/1.0': post([chunked, 'connection: keep-alive'], chunk, '1.0'),
};

attack('Q443', 'messages whose end is in doubt are refused and the connection closed', async () => {
  for (const [name, message] of Object.entries(smuggled)) {
    const before = reached.body;
    const { text, closed } = await sendRaw(app, message, patience);
    assert.match(text, /^HTTP\/1\.1 400 /, name);
    assert.ok(closed, `${name}: still open`);
    assert.equal(reached.body, before, name);
  }
});

attack('Q443', 'nothing behind such a message is taken for a request', async () => {
  const before = { ...reached };
  for (const [name, message] of Object.entries(smuggled)) {
    const { text } = await sendRaw(app, message + canary, patience);
    assert.doesNotMatch(text, /HTTP\/1\.1 204/, name);
  }
  assert.deepEqual(reached, before);
});

attack('Q443', 'a body where none belongs is refused, and what follows it too', async () => {
  const before = reached.canary;
  for (const head of [
    `GET /fixture/canary HTTP/1.1\r\nhost: app.test\r\ncontent-length: ${canary.length}\r\n\r\n`,
    `HEAD /fixture/canary HTTP/1.1\r\nhost: app.test\r\n${chunked}\r\n\r\n0\r\n\r\n`,
  ]) {
    const { text, closed } = await sendRaw(app, head + canary, patience);
    assert.match(text, /^HTTP\/1\.1 400 /);
    assert.ok(closed);
  }
  assert.equal(reached.canary, before);
});

attack('Q443', 'of a header that may stand once, a second one is never overlooked', async () => {
  const { text } = await sendRaw(
    app,
    lastCanary.replace('canary', 'authorization').replace('\r\n\r\n', '\r\nauthorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n'),
    patience,
  );
  assert.match(text, /^HTTP\/1\.1 [24]\d\d /);
  assert.doesNotMatch(text, /"Bearer a"/);
  const before = reached.body;
  const typed = await sendRaw(app, post([length, 'content-type: text/plain', 'connection: close'], document), patience);
  assert.match(typed.text, /^HTTP\/1\.1 4\d\d /);
  assert.equal(reached.body, before);
});

attack('Q443', 'TRACE and unknown methods echo nothing, CONNECT opens nothing', async () => {
  for (const method of ['TRACE', 'PROPFIND', 'SEARCH', 'PURGE', 'QUERY']) {
    const { text, closed } = await sendRaw(app, `${method} / HTTP/1.1\r\nhost: app.test\r\nx-canary: 4711\r\n\r\n`, patience);
    assert.match(text, /^HTTP\/1\.1 405 /, method);
    assert.match(text, /^allow: GET, /im);
    assert.doesNotMatch(text, /4711/);
    assert.ok(closed);
  }
  assert.match((await sendRaw(app, 'FOO / HTTP/1.1\r\nhost: app.test\r\n\r\n', patience)).text, /^HTTP\/1\.1 400 /);
  const tunnel = await sendRaw(app, 'CONNECT 127.0.0.1:1 HTTP/1.1\r\nhost: app.test\r\n\r\n', patience);
  assert.ok(tunnel.closed);
  assert.doesNotMatch(tunnel.text, /^HTTP\/1\.1 2/);
});

attack('Q443', 'paths that others read differently are refused', async () => {
  const paths = [
    '//evil.test/fixture/canary',
    '/fixture//canary',
    '/x/../fixture/canary',
    '/fixture/./canary',
    '/fixture/%2e%2e/fixture/canary',
    '/fixture/.%2E',
    '/fixture/name/a%00b',
    '/fixture\\canary',
    '/fixture/name/%5c..',
    '/fixture/name/a#b',
  ];
  for (const path of paths) {
    const { text } = await sendRaw(app, `GET ${path} HTTP/1.1\r\nhost: app.test\r\nconnection: close\r\n\r\n`, patience);
    assert.match(text, /^HTTP\/1\.1 400 /, path);
  }
});

attack('Q443', 'a body that is too large ends the connection, said or not', async () => {
  const large = 'x'.repeat(app.context.config.BODY_LIMIT_BYTES + 1);
  for (const message of [
    post([`content-length: ${large.length}`], large),
    post([chunked], `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`),
  ]) {
    const { text, closed } = await sendRaw(app, message, patience);
    assert.match(text, /^HTTP\/1\.1 413 /);
    assert.match(text, /^connection: close\r$/im);
    assert.ok(closed);
  }
});

attack('Q443', 'a head that is too long is refused at the limit that was set', async () => {
  const small = await startApp({ modules: [fixture], env: { MAX_HEADER_BYTES: '4096' } });
  const message = (bytes: number) => canary.replace('\r\n\r\n', `\r\nx-long: ${'a'.repeat(bytes)}\r\nconnection: close\r\n\r\n`);
  for (const [target, bytes] of [
    [app, 17_000],
    [small, 6_000],
  ] as const) {
    assert.match((await sendRaw(target, message(2_000), patience)).text, /^HTTP\/1\.1 204 /);
    const { text, closed } = await sendRaw(target, message(bytes), patience);
    assert.match(text, /^HTTP\/1\.1 431 /);
    assert.ok(closed);
  }
});

/** Opens a connection, sends `first`, then `drip` every 50 ms. Resolves with what came when the server closed, or after 3 s. */
const talkSlowly = (target: TestApp, first: string, drip = ''): Promise<{ readonly text: string; readonly closed: boolean }> =>
  new Promise((resolve) => {
    const socket: Socket = connect(target.port, '127.0.0.1');
    let text = '';
    const timer = setInterval(() => drip !== '' && socket.writable && socket.write(drip), 50);
    const limit = setTimeout(() => finish(false), 3_000);
    const finish = (closed: boolean) => {
      clearInterval(timer);
      clearTimeout(limit);
      socket.destroy();
      resolve({ text, closed });
    };
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => finish(true));
    socket.write(first);
  });

attack('Q443', 'a head sent byte by byte is given up', async () => {
  const impatient = await startApp({ modules: [fixture], env: { HEADERS_TIMEOUT_MS: '200' } });
  assert.match((await sendRaw(impatient, lastCanary, patience)).text, /^HTTP\/1\.1 204 /);
  const { text, closed } = await talkSlowly(impatient, 'GET /fixture/canary HTTP/1.1\r\nhost: app.test\r\nx-slow: ', 'a');
  assert.ok(closed);
  assert.match(text, /^HTTP\/1\.1 408 /);
});

attack('Q443', 'a body sent byte by byte is given up', async () => {
  const impatient = await startApp({ modules: [fixture], env: { HEADERS_TIMEOUT_MS: '200', REQUEST_TIMEOUT_MS: '300' } });
  const before = reached.body;
  assert.match((await sendRaw(impatient, post([length, 'connection: close'], document), patience)).text, /^HTTP\/1\.1 200 /);
  assert.ok((await talkSlowly(impatient, post(['content-length: 1000'], '{"text":"'), 'a')).closed);
  assert.equal(reached.body, before + 1);
});

attack('Q443', 'connections on which nothing moves are closed: idle ones, and those of a handler that never answers', async () => {
  const idle = await startApp({ modules: [fixture], env: { KEEP_ALIVE_TIMEOUT_MS: '100' } });
  const answered = await talkSlowly(idle, canary);
  assert.match(answered.text, /^HTTP\/1\.1 204 /);
  assert.ok(answered.closed);
  const stuck = await startApp({ modules: [fixture], env: { SOCKET_TIMEOUT_MS: '300' } });
  assert.match((await sendRaw(stuck, lastCanary, patience)).text, /^HTTP\/1\.1 204 /);
  assert.ok((await talkSlowly(stuck, canary.replace('canary', 'never'))).closed);
});

attack('Q443', 'one connection cannot ask for ever', async () => {
  const modest = await startApp({ modules: [fixture], env: { MAX_REQUESTS_PER_SOCKET: '3' } });
  const before = reached.canary;
  const { text } = await sendRaw(modest, canary.repeat(6), patience);
  assert.equal(text.match(/HTTP\/1\.1 204/g)?.length, 3);
  assert.equal(reached.canary, before + 3);
});

attack('Q443', 'a parser that forgives refuses the start', () => {
  const facts = { ...processFacts(app.context.config), env: {}, execArgv: [] };
  assert.deepEqual(bootCheck(facts), []);
  assert.match(bootCheck({ ...facts, execArgv: ['--insecure-http-parser'] }).join(), /insecure-http-parser/);
  assert.match(bootCheck({ ...facts, env: { NODE_OPTIONS: '--no-warnings --insecure-http-parser' } }).join(), /insecure-http-parser/);
});
