import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import Type from 'typebox';
import { processFacts } from '#src/config.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { bootCheck } from '#src/protections/outbound-http/boot-check.ts';
import { definePartner } from '#src/protections/outbound-http/partner.ts';
import { partnerCall } from '#src/protections/outbound-http/partner-call.ts';
import { bootChecks } from '#src/protections/index.ts';
import { closed } from '#src/protections/validation/core.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, send } from '#tests/support/http.ts';
import { selfSigned } from '#tests/support/outbound-http/certificate.ts';
import { Internet } from '#tests/support/outbound-http/internet.ts';
import { destinationsIn } from '../../scripts/docs/destinations.ts';

const root = join(import.meta.dirname, '../..');
const key = 'canary-key-4f1d9c';

const partnerAt = (name: string, more: Partial<Parameters<typeof definePartner>[0]> = {}) =>
  definePartner({
    id: 'places',
    baseUrl: `https://${name}/v2/`,
    purpose: 'Finds places',
    credentials: () => ({ authorization: `Bearer ${key}` }),
    ...more,
  });

const Place = closed({ name: Type.String(), height: Type.Optional(Type.Number()) });

/** The calls of a partner, each partner with failures of its own. */
const callsOf = (partner: ReturnType<typeof definePartner>) => ({
  find: partnerCall(partner, { method: 'GET', path: '/places/:id', answer: Place }),
  create: partnerCall(partner, { method: 'POST', path: '/places', sends: closed({ name: Type.String() }), answer: Place }),
  remove: partnerCall(partner, { method: 'DELETE', path: '/places/:id', answer: Type.Null() }),
});
type Calls = ReturnType<typeof callsOf>;

const all = new Map<string, Calls>();
const callsAt = (host: string): Calls => all.get(host) ?? callsOf(partnerAt(host));

const places = defineModule({
  id: 'places',
  prefix: '/places',
  routes: [
    route(
      {
        method: 'GET',
        path: '/:host',
        access: 'public',
        input: { params: closed({ host: Type.String() }), query: closed({ id: Type.Optional(Type.String()), note: Type.Optional(Type.String()) }) },
        output: Place,
        summary: 'Finds a place',
      },
      async ({ app, input: { params, query }, context }) => {
        const { id = '7', note = '' } = query;
        return ok(await callsAt(params.host).find(app, { params: { id }, ...(note === '' ? {} : { query: { note } }), signal: context.signal }));
      },
    ),
    route(
      { method: 'POST', path: '/:host', access: 'public', input: { params: closed({ host: Type.String() }) }, output: Place, summary: 'Creates a place' },
      async ({ app, input, context }) => ok(await callsAt(input.params.host).create(app, { json: { name: 'Ararat' }, signal: context.signal })),
    ),
  ],
});

const app = await startApp({ modules: [places] });
const internet = await Internet.of(app);
let last = 0;

const json = (body: unknown): RequestListener => (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
const status = (code: number): RequestListener => (_request, response) => void response.writeHead(code).end('canary-partner-words');

/** A new partner behind a new name: what others did with theirs does not count. */
const partner = async (listener: RequestListener, more: Partial<Parameters<typeof definePartner>[0]> = {}) => {
  last += 1;
  const name = `partner${last}.test`;
  const host = await internet.host(name, `93.184.216.${last}`, listener);
  all.set(name, callsOf(partnerAt(name, more)));
  return host;
};

const ararat = json({ name: 'Ararat', height: 5137 });
const find = (name: string, query = ''): Promise<Received> => send(app, 'GET', `/places/${name}${query}`);
const create = (name: string): Promise<Received> => send(app, 'POST', `/places/${name}`);

/** The honest call that every attack is measured by. */
const control = async (): Promise<void> => {
  const { name } = await partner(ararat);
  assert.deepEqual((await find(name)).json(), { name: 'Ararat', height: 5137 });
  assert.equal((await create(name)).status, 200);
};

const assertUseless = async (listener: RequestListener, code = 502, more: Parameters<typeof partner>[1] = {}): Promise<void> => {
  const { name } = await partner(listener, more);
  const answer = await find(name);
  assert.equal(answer.status, code, answer.text);
  assert.doesNotMatch(answer.text, /canary/);
};

benign('a partner is asked with a key, told what is declared, and its answer read', async () => {
  const host = await partner((request, response) => (request.method === 'DELETE' ? response.writeHead(204).end() : ararat(request, response)));
  const { context } = app;
  const calls = callsAt(host.name);
  assert.deepEqual(await calls.find(context, { params: { id: 'a/b c' }, query: { lang: 'hy', page: 2 } }), { name: 'Ararat', height: 5137 });
  await calls.create(context, { json: { name: 'Ararat' } });
  assert.equal(await calls.remove(context, { params: { id: '7' } }), null);
  assert.deepEqual(
    host.requests.map(({ method, url, body }) => `${method} ${url} ${body}`.trim()),
    ['GET /v2/places/a%2Fb%20c?lang=hy&page=2', 'POST /v2/places {"name":"Ararat"}', 'DELETE /v2/places/7'],
  );
  for (const { headers } of host.requests) assert.equal(headers['authorization'], `Bearer ${key}`);
});

benign('what a partner adds to its answers is dropped, and a partner on a network of ours is reached', async () => {
  const { name } = await partner(json({ name: 'Ararat', height: 5137, since: 2031 }));
  assert.deepEqual((await find(name)).json(), { name: 'Ararat', height: 5137 });
  await internet.host('inside.test', '10.0.0.7', ararat);
  const { find: findInside } = callsOf(partnerAt('inside.test', { reach: 'private' }));
  assert.equal((await findInside(app.context, { params: { id: '7' } })).name, 'Ararat');
});

benign('a partner that fails once, and one that is briefly away, are asked again', async () => {
  let asked = 0;
  const { name } = await partner((request, response) => {
    asked += 1;
    (asked === 1 ? status(503) : ararat)(request, response);
  });
  assert.equal((await find(name)).status, 200);
  assert.equal(asked, 2);
});

benign('partners are documented from the code that declares them', () => {
  const source = `export const weather = definePartner({
  id: 'weather',
  purpose: 'The forecast',
  baseUrl: 'https://api.weather.test/v2',
  credentials: ({ config }) => ({ authorization: config.WEATHER_TOKEN }),
});\n`;
  const found = destinationsIn(new Map([['src/config/partners.ts', source], ['tests/partners.ts', source]]));
  assert.deepEqual(found, [{ id: 'weather', baseUrl: 'https://api.weather.test/v2', purpose: 'The forecast', file: 'src/config/partners.ts' }]);
});

attack('Q477', 'a partner that redirects elsewhere: the key is not seen there', async () => {
  await control();
  const elsewhere = await internet.host('elsewhere.test', '93.184.217.1', ararat);
  for (const code of [301, 302, 303, 307, 308]) {
    const host = await partner((_request, response) => void response.writeHead(code, { location: 'https://elsewhere.test/v2/places/7' }).end());
    assert.equal((await find(host.name)).status, 502);
    assert.equal((await create(host.name)).status, 502);
    assert.equal(host.requests.length, 2);
  }
  assert.deepEqual(elsewhere.requests, []);
});

attack('Q477', 'an answer of another type, too large, beyond its schema, with a prototype, no JSON at all: 502', async () => {
  await control();
  const text = JSON.stringify({ name: 'Ararat' });
  for (const type of ['text/html', 'text/plain', 'application/xml', 'application/jsonp', '']) {
    await assertUseless((_request, response) => void response.writeHead(200, type === '' ? {} : { 'content-type': type }).end(text));
  }
  const bodies = [
    { name: 17 },
    { height: 5137 },
    [],
    'null',
    '"canary"',
    { name: 'canary', height: '5137' },
    '{"name":"canary","__proto__":{"admin":true}}',
    '{"name":"Ararat","name":"canary"}',
    '{"name":"Ararat","constructor":{"prototype":{"admin":true}}}',
    '{"name":"canary"',
    '{"name":"canary"} {}',
    'canary',
    `{"name":${'['.repeat(50)}${']'.repeat(50)}}`,
  ];
  for (const body of bodies) await assertUseless(json(body));
  await assertUseless(json({ name: 'canary'.repeat(2000) }), 502, { maxBytes: 10_000 });
  assert.equal(Reflect.get({}, 'admin'), undefined);
});

attack('Q477', 'a partner that hangs, before its answer or in it: 503 at the deadline', async () => {
  await control();
  await assertUseless(() => undefined, 503, { deadlineMs: 150 });
  await assertUseless((_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'), 503, { deadlineMs: 150 });
});

attack('Q477', 'failures and refusals of a partner: 502, none of its words', async () => {
  await control();
  for (const code of [400, 401, 403, 404, 418, 429, 500, 502, 503, 599]) await assertUseless(status(code));
  await assertUseless((_request, response) => void response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ name: 'canary' })));
  assert.doesNotMatch(app.log.text, /canary/);
});

attack('Q477', 'a failing POST is sent once, a failing GET three times at most, after random delays', async () => {
  await control();
  const posted = await partner(status(500));
  assert.equal((await create(posted.name)).status, 502);
  assert.equal(posted.requests.length, 1);
  internet.waits.length = 0;
  const first = await partner(status(500));
  internet.random = 0.25;
  assert.equal((await find(first.name)).status, 502);
  assert.equal(first.requests.length, 3);
  const second = await partner(status(500));
  internet.random = 0.75;
  assert.equal((await find(second.name)).status, 502);
  assert.deepEqual(internet.waits, [25, 50, 75, 150]);
});

attack('Q477', 'a POST whose connection breaks is not sent again', async () => {
  const { name, requests } = await partner((request, response) => (requests.length < 2 ? ararat(request, response) : request.socket.destroy()));
  assert.equal((await create(name)).status, 200);
  assert.equal((await create(name)).status, 502);
  assert.equal(requests.length, 2);
});

attack('Q477', 'a partner whose every second answer fails: retries are a small part of the calls', async () => {
  let asked = 0;
  const host = await partner((request, response) => {
    asked += 1;
    (asked % 2 === 1 ? status(503) : ararat)(request, response);
  });
  assert.equal((await find(host.name)).status, 200);
  for (let call = 0; call < 60; call += 1) await find(host.name);
  assert.ok(host.requests.length <= 61 + 10 + 7, `${host.requests.length} requests for 61 calls`);
});

attack('Q477', 'after five failures in a row a partner is left alone; then one call tries, and its outcome decides', async () => {
  let broken = true;
  const host = await partner((request, response) => (broken ? status(500) : ararat)(request, response));
  const other = await partner(ararat);
  for (let call = 0; call < 5; call += 1) assert.equal((await create(host.name)).status, 502);
  for (let call = 0; call < 5; call += 1) {
    const refused = await create(host.name);
    assert.equal(refused.status, 503);
    assert.match(refused.headers['retry-after'] ?? '', /^[1-9]\d*$/);
  }
  assert.equal((await find(host.name)).status, 503);
  assert.equal(host.requests.length, 5);
  assert.equal((await find(other.name)).status, 200);

  app.clock.advance(31_000);
  const trials = await Promise.all([create(host.name), create(host.name), create(host.name)]);
  assert.deepEqual(trials.map((trial) => trial.status).toSorted((a, b) => a - b), [502, 503, 503]);
  assert.equal(host.requests.length, 6);
  assert.equal((await create(host.name)).status, 503);

  broken = false;
  app.clock.advance(31_000);
  for (let call = 0; call < 3; call += 1) assert.equal((await create(host.name)).status, 200);
});

attack('Q477', 'whoever leaves again and again does not switch a partner off for the others', async () => {
  const calls: (() => void)[] = [];
  const host = await partner((request, response) => (calls.length < 6 ? void calls.push(() => response.end()) : ararat(request, response)));
  const { create: createPlace } = callsAt(host.name);
  for (let call = 1; call <= 6; call += 1) {
    const leaving = new AbortController();
    const left = createPlace(app.context, { json: { name: 'Ararat' }, signal: leaving.signal });
    while (calls.length < call) await new Promise(setImmediate);
    leaving.abort();
    await assert.rejects(left);
  }
  assert.equal((await create(host.name)).status, 200);
});

attack('Q477', 'a slow partner holds as many calls as it may, no more; others are not touched', async () => {
  const held: (() => void)[] = [];
  let slow = true;
  const host = await partner((request, response) => (slow ? void held.push(() => ararat(request, response)) : ararat(request, response)), { concurrency: 2 });
  const other = await partner(ararat);
  const waiting = [find(host.name), find(host.name)];
  while (held.length < 2) await new Promise(setImmediate);
  const refused = await find(host.name);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal((await find(other.name)).status, 200);
  slow = false;
  for (const end of held) end();
  for (const answer of await Promise.all(waiting)) assert.equal(answer.status, 200);
  assert.equal((await find(host.name)).status, 200);
  assert.equal(host.requests.length, 3);
});

attack('Q477', 'a partner that cannot prove who it is: refused, whatever the environment says', async () => {
  await control();
  const names = ['selfsigned.test', 'othername.test'];
  const unknown = await internet.host('selfsigned.test', '93.184.217.2', ararat, selfSigned(['selfsigned.test']));
  const trusted = selfSigned(['somebody.test']);
  const misnamed = await internet.host('othername.test', '93.184.217.3', ararat, trusted);
  all.set('othername.test', callsOf(partnerAt('othername.test', { authorities: [trusted.cert] })));
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  const tryAll = async (): Promise<void> => {
    for (const name of names) assert.equal((await create(name)).status, 502, name);
  };
  await tryAll();
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    await tryAll();
  } finally {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  }
  assert.deepEqual([...unknown.requests, ...misnamed.requests], []);
});

attack('Q477', 'a partner whose name leads inside: 502, the canary sees nothing', async () => {
  const host = await partner(ararat);
  assert.equal((await find(host.name)).status, 200);
  internet.canaryHits = 0;
  for (const address of ['127.0.0.1', '169.254.169.254', '::1']) {
    internet.name('moved.test', [address]);
    const { find: findMoved } = callsOf(partnerAt('moved.test'));
    await assert.rejects(findMoved(app.context, { params: { id: '7' } }), { status: 502 });
  }
  assert.equal(internet.canaryHits, 0);
});

attack('Q477', 'a production start with the verification of certificates off: exit is not 0', () => {
  const facts = processFacts(app.context.config);
  const checked = (NODE_ENV: 'production' | 'test', value: string): string =>
    bootCheck({ ...facts, config: { ...facts.config, NODE_ENV }, env: { NODE_TLS_REJECT_UNAUTHORIZED: value } }).join();
  assert.equal(checked('production', '1'), '');
  assert.equal(checked('test', '0'), '');
  assert.match(checked('production', '0'), /NODE_TLS_REJECT_UNAUTHORIZED/);
  assert.ok(bootChecks.includes(bootCheck));
  const env = { ...process.env, NODE_ENV: 'production', NODE_TLS_REJECT_UNAUTHORIZED: '0', PORT: '0' };
  const { status: code, stderr } = spawnSync(process.execPath, ['--disable-proto=delete', 'src/server.ts'], { cwd: root, env, encoding: 'utf8', timeout: 20_000 });
  assert.notEqual(code, 0);
  assert.match(stderr, /partners could not be told from impostors/);
});

attack('Q477', 'the key stands in no URL and no log line', async () => {
  await control();
  const failing = await partner(status(500));
  await find(failing.name, '?id=canary-path-value');
  assert.ok(!app.log.text.includes(key));
  assert.doesNotMatch(app.log.text, /canary-path-value/);
  const { length } = failing.requests;
  for (const query of [`?id=${key}`, `?note=${key}`, `?note=x${key}y`]) assert.equal((await find(failing.name, query)).status, 422, query);
  assert.equal(failing.requests.length, length);
  for (const { url } of failing.requests) assert.ok(!url.includes(key));
  for (const baseUrl of ['http://partner.test/', 'https://user:secret@partner.test/', 'https://secret@partner.test/', 'https://partner.test/?key=secret', 'https://partner.test/#secret']) {
    assert.throws(() => definePartner({ id: 'careless', purpose: 'None', baseUrl }), /careless/, baseUrl);
  }
});

attack('Q477', 'a parameter that climbs to another resource, a URL and headers beyond every limit: nothing is sent', async () => {
  const host = await partner(ararat, { credentials: ({ config }) => ({ 'x-caller': config.BASE_URL }) });
  assert.equal((await find(host.name, '?id=..%252f..')).status, 200);
  assert.equal(host.requests.at(-1)?.url, '/v2/places/..%252f..');
  for (const id of ['.', '..']) assert.equal((await find(host.name, `?id=${id}`)).status, 422, id);
  const { find: findPlace } = callsAt(host.name);
  await assert.rejects(findPlace(app.context, { params: {} }), { status: 422 });
  await assert.rejects(findPlace(app.context, { params: { id: 'a'.repeat(5000) } }), { status: 422 });
  await assert.rejects(findPlace(app.context, { params: { id: '7' }, query: { q: 'a'.repeat(5000) } }), { status: 422 });
  const large = callsOf(partnerAt(host.name, { credentials: () => ({ cookie: 'c'.repeat(10_000) }) }));
  await assert.rejects(large.find(app.context, { params: { id: '7' } }), { status: 422 });
  assert.equal(host.requests.length, 1);
});

attack('Q477', 'of what is passed for sending only what is declared leaves the app', async () => {
  const host = await partner(ararat);
  const user = { name: 'Ararat', passwordHash: 'canary-hash', email: 'canary@example.test' };
  await callsAt(host.name).create(app.context, { json: user });
  assert.deepEqual(host.requests.map(({ body }) => body), ['{"name":"Ararat"}']);
});

attack('Q477', 'an answer whose schema is open is refused before any call', () => {
  const partnerOf = partnerAt('partner1.test');
  assert.doesNotThrow(() => partnerCall(partnerOf, { method: 'GET', path: '/', answer: Place }));
  assert.throws(() => partnerCall(partnerOf, { method: 'GET', path: '/', answer: Type.Object({ name: Type.String() }) }), /not strict/);
  assert.throws(() => partnerCall(partnerOf, { method: 'GET', path: '/', answer: closed({ any: Type.Any() }) }), /not strict/);
});
