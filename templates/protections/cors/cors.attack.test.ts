import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import Type from 'typebox';
import { assertSafeStart, processFacts } from '#src/config.ts';
import type { AppContext } from '#src/context.ts';
import { inForce } from '#src/protections/app-core/in-force.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { bootChecks } from '#src/protections/index.ts';
import { type TestApp, as, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, type SendOptions, send, sendRaw } from '#tests/support/http.ts';

const closed = { additionalProperties: false };
const Text = Type.Object({ text: Type.String() }, closed);
const shared = { access: 'public', input: {}, output: Text, summary: 'Only for this test' } as const;
const Id = Type.Object({ id: Type.String() }, closed);
const rows: string[] = [];

const fixture = defineModule({
  id: 'cors-fixture',
  prefix: '/fixture',
  routes: [
    route({ ...shared, method: 'GET', path: '/notes' }, () => ok({ text: rows.join() })),
    route({ ...shared, method: 'POST', path: '/notes', input: { body: Text } }, ({ input }) => {
      rows.push(input.body.text);
      return ok(input.body, { vary: 'Accept' });
    }),
    route({ ...shared, method: 'DELETE', path: '/notes/:id', input: { params: Id } }, ({ input }) => {
      rows.splice(rows.indexOf(input.params.id), 1);
      return ok({ text: '' });
    }),
    route({ ...shared, method: 'GET', path: '/mine', access: 'user' }, ({ context }) => ok({ text: context.actor?.id ?? '' })),
    route({ ...shared, method: 'GET', path: '/cached' }, () => ok({ text: 'the same for all' }, { 'cache-control': 'public, max-age=60' })),
    route({ ...shared, method: 'POST', path: '/between-servers', access: 'service' }, () => ok({ text: '' })),
    route({ ...shared, method: 'POST', path: '/inside', access: 'internal' }, () => ok({ text: '' })),
    route({ ...shared, method: 'GET', path: '/boom' }, () => {
      throw new Error('insides of the app');
    }),
    route({ ...shared, method: 'GET', path: '/picky' }, () => {
      throw new Problem(406, { headers: { vary: 'Accept' } });
    }),
  ],
});

const spa = 'https://spa.test';
const partner = 'https://partner.test:8443';
const env = { CORS_ORIGINS: `${spa}, ${partner}`, RATE_LIMIT_REQUESTS: '100000' };
const app = await startApp({ modules: [fixture], env });

const from = (origin: string, headers: Record<string, string> = {}): SendOptions => ({ headers: { origin, ...headers } });

const preflight = (path: string, origin: string, method: string, headers?: string): Promise<Received> =>
  send(app, 'OPTIONS', path, {
    headers: { origin, 'access-control-request-method': method, ...(headers === undefined ? {} : { 'access-control-request-headers': headers }) },
  });

/** The headers that say who may read an answer. */
const grantsOf = ({ headers }: Received): string[] => Object.keys(headers).filter((name) => name.startsWith('access-control-'));

const list = (value: string | undefined): string[] => (value ?? '').split(',').map((name) => name.trim());
const varies = ({ headers }: Received): boolean => list(headers.vary).includes('Origin');

/** Near the listed origins; none of them is one. */
const lookalikes = [
  'https://evil.test',
  'https://spa.test.evil.test',
  'https://evilspa.test',
  'https://evil.spa.test',
  'https://spa.test@evil.test',
  'http://spa.test',
  'https://spa.test:8443',
  'https://partner.test',
  'https://spa.test.',
  'https://spa.test/',
  'https://SPA.test',
  'HTTPS://spa.test',
  'https://spa_test',
  'https://spa.test, https://evil.test',
  'https://spa.test https://partner.test:8443',
  'spa.test',
  'null',
  '*',
  'file://',
];

benign('scripts of a listed origin read, send and are told by a preflight what they may send', async () => {
  for (const origin of [spa, partner]) {
    const asked = await preflight('/fixture/notes', origin, 'POST', 'content-type,x-csrf-token');
    assert.equal(asked.status, 204);
    assert.equal(asked.headers['access-control-allow-origin'], origin);
    assert.equal(asked.headers['access-control-allow-credentials'], 'true');
    assert.ok(list(asked.headers['access-control-allow-methods']).includes('POST'));
    for (const name of ['content-type', 'x-csrf-token', 'authorization', 'idempotency-key']) {
      assert.ok(list(asked.headers['access-control-allow-headers']).includes(name), name);
    }
    const sent = await send(app, 'POST', '/fixture/notes', { ...from(origin), body: { text: origin } });
    assert.equal(sent.status, 200);
    assert.equal(sent.headers['access-control-allow-origin'], origin);
    assert.ok(rows.includes(origin));
    const read = await send(app, 'GET', '/fixture/mine', from(origin, as('alice')));
    assert.equal(read.json()['text'], 'alice');
    assert.equal(read.headers['access-control-allow-origin'], origin);
  }
});

benign("a path with a parameter has a preflight, and the methods of that path's routes", async () => {
  const asked = await preflight('/fixture/notes/7?force=1', spa, 'DELETE');
  assert.equal(asked.status, 204);
  assert.ok(list(asked.headers['access-control-allow-methods']).includes('DELETE'));
  const lifetime = Number(asked.headers['access-control-max-age']);
  assert.ok(lifetime > 0 && lifetime <= 7200, String(lifetime));
});

benign("the app's own pages and programs without an origin go on as before", async () => {
  for (const options of [{}, from('http://app.test'), from('null', { 'sec-fetch-site': 'same-origin' })]) {
    const answer = await send(app, 'POST', '/fixture/notes', { ...options, body: { text: 'own' } });
    assert.equal(answer.status, 200);
  }
  const second = await startApp({ modules: [fixture], env: { ...env, ALLOWED_HOSTS: 'admin.test' } });
  const answer = await send(second, 'POST', '/fixture/notes', { ...from('http://admin.test', { host: 'admin.test', 'sec-fetch-site': 'same-origin' }), body: { text: 'own' } });
  assert.equal(answer.status, 200);
});

attack('Q422', 'a page of an unlisted origin reads nothing and changes nothing', async () => {
  const honest = await send(app, 'POST', '/fixture/notes', { ...from(spa), body: { text: 'honest' } });
  assert.equal(honest.status, 200);
  for (const origin of lookalikes) {
    const read = await send(app, 'GET', '/fixture/mine', from(origin, as('alice')));
    assert.deepEqual(grantsOf(read), [], origin);
    const before = rows.length;
    for (const headers of [{}, { 'content-type': 'text/plain' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
      const written = await send(app, 'POST', '/fixture/notes', { ...from(origin, headers), body: '{"text":"evil"}' });
      assert.equal(written.status, 403, `${origin} ${written.text}`);
      assert.deepEqual(grantsOf(written), [], origin);
    }
    assert.equal((await send(app, 'DELETE', '/fixture/notes/honest', from(origin))).status, 403, origin);
    assert.equal(rows.length, before, origin);
  }
});

attack('Q422', 'a listed origin is echoed exactly, and never answered with a wildcard', async () => {
  for (const origin of [spa, partner]) {
    for (const path of ['/fixture/notes', '/fixture/missing', '/fixture/boom']) {
      const answer = await send(app, 'GET', path, from(origin));
      assert.equal(answer.headers['access-control-allow-origin'], origin, path);
      assert.equal(answer.headers['access-control-allow-credentials'], 'true', path);
      assert.ok(varies(answer), path);
      for (const name of grantsOf(answer)) assert.ok(!String(answer.headers[name]).includes('*'), name);
    }
  }
});

attack('Q422', 'a preflight grants no method, header, origin, network or route that is not meant', async () => {
  const before = rows.length;
  const granted = await preflight('/fixture/notes', spa, 'POST');
  assert.deepEqual(list(granted.headers['access-control-allow-methods']).toSorted(), ['GET', 'POST']);

  const method = await preflight('/fixture/notes', spa, 'DELETE');
  assert.ok(!list(method.headers['access-control-allow-methods']).includes('DELETE'));
  const header = await preflight('/fixture/notes', spa, 'POST', 'x-evil');
  assert.ok(!/x-evil|\*/.test(header.headers['access-control-allow-headers'] ?? ''));
  const network = await send(app, 'OPTIONS', '/fixture/notes', {
    headers: { origin: spa, 'access-control-request-method': 'POST', 'access-control-request-private-network': 'true' },
  });
  assert.equal(network.headers['access-control-allow-private-network'], undefined);
  for (const origin of lookalikes) {
    const answer = await preflight('/fixture/notes', origin, 'POST');
    assert.equal(answer.status, 403, origin);
    assert.deepEqual(grantsOf(answer), [], origin);
  }
  for (const path of ['/fixture/missing', '/fixture/notes/', '/fixture/notes/1/2', '/fixture/NOTES', '/fixture/inside', '/fixture/between-servers']) {
    const answer = await preflight(path, spa, 'POST');
    assert.equal(answer.headers['access-control-allow-methods'], undefined, path);
  }
  assert.equal(rows.length, before);
});

attack('Q449', 'a list of origins that admits more than it names refuses to start', async () => {
  const facts = processFacts({ ...app.context.config, CORS_ORIGINS: [spa, partner, 'http://localhost:5173', 'https://[::1]:8443'] });
  const inProduction = (origins: readonly string[]) =>
    assertSafeStart(bootChecks, { ...facts, config: { ...facts.config, NODE_ENV: 'production', CORS_ORIGINS: origins } });
  const named = /CORS_ORIGINS: entry 1/;
  assert.throws(() => inProduction([spa]), (error) => error instanceof Error && !named.test(error.message));
  assert.doesNotThrow(() => assertSafeStart(bootChecks, { ...facts, env: {} }));

  const loose = ['*', 'true', 'null', 'https://*.app.test', '/https:.*app\\.test$/', '^https://app.test$', 'https://app.test.*', 'app.test', '.app.test', 'https:', 'https://'];
  const inexact = ['https://app.test/', 'https://app.test/spa', 'https://APP.test', 'https://app.test:443', 'https://app.test.', 'https://a@app.test', 'file://'];
  for (const origin of [...loose, ...inexact]) {
    assert.throws(() => inProduction([origin]), named, origin);
    // Outside of production too: a developer should not find out at the deployment.
    await assert.rejects(startApp({ env: { CORS_ORIGINS: origin } }), named, origin);
  }
  assert.throws(() => inProduction(['http://app.test']), named);
  const production = { ...app.context.config, NODE_ENV: 'production', CORS_ORIGINS: ['http://app.test'] } as const;
  await assert.rejects(startApp({ config: production }), named);
});

attack('Q449', 'the process itself ends before it listens', async () => {
  const evil = ['*', 'null', 'https://*.app.test', '/https:.*app\\.test$/', 'http://app.test'];
  const server = spawn(process.execPath, ['src/server.ts'], {
    env: { ...process.env, NODE_ENV: 'production', BASE_URL: 'https://app.test', PORT: '0', CORS_ORIGINS: evil.join() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('"listening"')) server.kill();
    });
  }
  await once(server, 'close');
  assert.ok(server.exitCode !== null && server.exitCode !== 0, `exit code ${server.exitCode}`);
  for (const index of evil.keys()) assert.match(output, new RegExp(`CORS_ORIGINS: entry ${index + 1} `));
  for (const value of evil.slice(2)) assert.ok(!output.includes(value), value);
});

attack('Q449', 'what CORS opens is said by the doctor', async () => {
  const sentenceOf = (context: AppContext): string => inForce(context).find((sentence) => sentence.startsWith('cors: ')) ?? '';
  for (const part of [spa, partner, 'x-csrf-token', '600 s']) assert.ok(sentenceOf(app.context).includes(part), part);
  const closedApp = await startApp({ env: { CORS_ORIGINS: '' } });
  assert.match(sentenceOf(closedApp.context), /no other origin/);
});

/** One request to each route, to what is none, and to each kind of failure. */
const probes = (probed: TestApp, headers: Record<string, string>): readonly (readonly [name: string, answer: Promise<Received>])[] => {
  const routes = probed.context.routing.inventory.map(({ method, fullPath }): [string, string, SendOptions] => [
    method,
    fullPath.replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000'),
    method === 'GET' || method === 'DELETE' ? {} : { body: {} },
  ]);
  const failures: [string, string, SendOptions][] = [
    ['GET', '/missing', {}],
    ['GET', '/fixture/%E0%A4%A', {}],
    ['GET', '/fixture//notes', {}],
    ['GET', '/fixture/boom', {}],
    ['GET', '/fixture/picky', {}],
    ['GET', '/fixture/notes', { headers: { host: 'evil.test' } }],
    ['PUT', '/fixture/notes', { body: {} }],
    ['OPTIONS', '/fixture/notes', {}],
    ['POST', '/fixture/notes', { body: { text: 1 } }],
    ['POST', '/fixture/notes', { body: 'x', headers: { 'content-type': 'text/plain' } }],
    ['POST', '/fixture/notes', { body: { text: 'x'.repeat(probed.context.config.BODY_LIMIT_BYTES) } }],
  ];
  return [...routes, ...failures].map(([method, path, options]) => [
    `${method} ${path}`,
    send(probed, method, path, { ...options, headers: { ...headers, ...options.headers } }),
  ]);
};

attack('Q449', 'no route and no failure lets a foreign origin read, and every answer varies by origin', async () => {
  let checked = 0;
  for (const accept of ['application/json', 'text/html']) {
    for (const [name, pending] of probes(app, { origin: 'https://evil.test', accept })) {
      const answer = await pending;
      assert.deepEqual(grantsOf(answer), [], name);
      assert.ok(varies(answer), `${name}: vary is ${answer.headers.vary}`);
      checked += 1;
    }
    for (const [name, pending] of probes(app, { accept })) {
      const answer = await pending;
      assert.deepEqual(grantsOf(answer), [], name);
      assert.ok(varies(answer), `${name}: vary is ${answer.headers.vary}`);
    }
    for (const [name, pending] of probes(app, { origin: spa, accept })) {
      const answer = await pending;
      assert.equal(answer.headers['access-control-allow-origin'], spa, name);
      assert.ok(varies(answer), `${name}: vary is ${answer.headers.vary}`);
    }
  }
  assert.ok(checked > 2 * fixture.routes.length);
  const { text } = await sendRaw(app, 'GET /fixture/notes HTTP/1.1\r\nhost: app.test\r\norigin: https://evil.test\r\ncontent-length: +1\r\n\r\n');
  assert.match(text, /^HTTP\/1\.1 400 [\s\S]*\r\nvary: Origin\r\n/);
  assert.doesNotMatch(text, /access-control-/i);
});

/** A cache as RFC 9111 section 4.1 has it: what varies by a header is kept for each of its values. */
const cached = async (store: Map<string, Received>, path: string, origin: string): Promise<Received> => {
  for (const [, answer] of store) {
    const key = keyOf(answer, path, origin);
    const hit = store.get(key);
    if (hit !== undefined) return hit;
  }
  const fresh = await send(app, 'GET', path, from(origin));
  store.set(keyOf(fresh, path, origin), fresh);
  return fresh;
};

const keyOf = (answer: Received, path: string, origin: string): string => `${path} ${varies(answer) ? origin : ''}`;

attack('Q449', 'an answer that varies by something else varies by origin too', async () => {
  const sent = await send(app, 'POST', '/fixture/notes', { ...from(spa), body: { text: 'varied' } });
  assert.equal(sent.status, 200);
  assert.deepEqual(list(sent.headers.vary), ['Accept', 'Origin']);
  assert.deepEqual(list((await send(app, 'GET', '/fixture/picky', from(spa))).headers.vary), ['Accept', 'Origin']);
});

attack('Q449', 'a cache does not hand the answer for one origin to another', async () => {
  const store = new Map<string, Received>();
  const first = await cached(store, '/fixture/cached', spa);
  assert.equal(await cached(store, '/fixture/cached', spa), first);
  assert.equal((await cached(store, '/fixture/cached', partner)).headers['access-control-allow-origin'], partner);
  assert.deepEqual(grantsOf(await cached(store, '/fixture/cached', 'https://evil.test')), []);
  assert.equal(store.size, 3);
});
