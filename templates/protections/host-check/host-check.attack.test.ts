import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { Type } from 'typebox';
import { openContext } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { noContent, ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { bootCheck } from '#src/protections/host-check/boot-check.ts';
import { checkRequest, compileHostRules } from '#src/protections/host-check/core.ts';
import { type ParamsOf, absoluteUrl, urlFor } from '#src/protections/host-check/links.ts';
import { isOwnPath } from '#src/protections/host-check/own-path.ts';
import { safeHref } from '#src/protections/host-check/safe-href.ts';
import { type Config, loadConfig, processFacts } from '#src/config.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send, sendRaw } from '#tests/support/http.ts';

const proxy = '127.0.0.9';
const visitor = '198.51.100.7';

const closed = { additionalProperties: false };
const itemInput = {
  params: Type.Object({ value: Type.String() }, closed),
  query: Type.Object({ q: Type.Optional(Type.String()) }, closed),
};

let reached = 0;
const mails: string[] = [];
const items = route(
  {
    method: 'GET',
    path: '/items/:value',
    access: 'public',
    input: itemInput,
    output: Type.Object({ value: Type.String(), q: Type.Optional(Type.String()) }, closed),
    summary: 'Echoes its input',
  },
  ({ input }) => ok({ value: input.params.value, ...(input.query.q === undefined ? {} : { q: input.query.q }) }),
);
const whoAmI = route(
  {
    method: 'GET',
    path: '/me',
    access: 'public',
    input: {},
    output: Type.Object({ ip: Type.String(), scheme: Type.String() }, closed),
    summary: 'What the app believes of the client',
  },
  ({ context }) => {
    reached += 1;
    return ok({ ip: context.clientIp, scheme: context.scheme });
  },
);
const forgot = route(
  { method: 'POST', path: '/forgot', access: 'public', input: {}, output: Type.Object({}, closed), summary: 'Mails a link' },
  ({ app: { config } }) => {
    mails.push(absoluteUrl(config, urlFor(items, { value: 'token' })));
    return noContent();
  },
);
const fixture = defineModule({ id: 'host-fixture', prefix: '/fixture', routes: [items, whoAmI, forgot] });

const app = await startApp({
  modules: [fixture],
  env: { ALLOWED_HOSTS: 'alt.test:8080, [::1]:5000', TRUSTED_PROXIES: `${proxy}/32, 10.0.0.0/8` },
});
const production = await startApp({
  modules: [fixture],
  env: { BASE_URL: 'https://app.test', TRUSTED_PROXIES: proxy },
  config: { NODE_ENV: 'production' },
});

const me = '/fixture/me';

/** Sends the lines to `port` and returns the status of the answer; 0 when there was none. */
const rawStatus = async (lines: readonly string[], port = app.port): Promise<number> => {
  const { text } = await sendRaw({ ...app, port }, `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
};

/** Runs `refused` and asserts that no handler ran meanwhile; then that an honest request does reach it. */
const assertNotReached = async (refused: () => Promise<void>): Promise<void> => {
  const before = reached;
  await refused();
  assert.equal(reached, before, 'a handler ran');
  assert.equal((await send(app, 'GET', me)).status, 200);
  assert.equal(reached, before + 1);
};

benign('every way to write an own host is welcome', async () => {
  for (const host of ['app.test', 'APP.Test', 'app.test:80', 'alt.test:8080', '[::1]:5000']) {
    const answer = await send(app, 'GET', me, { headers: { host } });
    assert.equal(answer.status, 200, host);
    assert.deepEqual(answer.json(), { ip: '127.0.0.1', scheme: 'http' });
  }
});

benign('a trusted proxy reports client, host and scheme', async () => {
  const headers = { 'x-forwarded-for': `${visitor}, 10.1.2.3`, 'x-forwarded-host': 'app.test', 'x-forwarded-proto': 'https' };
  assert.deepEqual((await send(app, 'GET', me, { headers, from: proxy })).json(), { ip: visitor, scheme: 'https' });
  const mapped = { 'x-forwarded-for': `::ffff:${visitor}` };
  assert.deepEqual((await send(app, 'GET', me, { headers: mapped, from: proxy })).json(), { ip: visitor, scheme: 'http' });
});

benign('in production, https through the proxy is served', async () => {
  const served = await send(production, 'GET', me, { headers: { 'x-forwarded-proto': 'https' }, from: proxy });
  assert.equal(served.status, 200);
  assert.deepEqual(served.json(), { ip: proxy, scheme: 'https' });
});

attack('Q439', 'a forged, doubled, missing or malformed Host', () =>
  assertNotReached(async () => {
    for (const host of ['evil.test', 'app.test.evil', 'app.test:81', 'sub.app.test', '127.0.0.1', '[::1]']) {
      assert.equal(await rawStatus([`GET ${me} HTTP/1.1`, `Host: ${host}`]), 421, host);
    }
    for (const host of [
      'app.test@evil',
      'evil@app.test',
      'app.test.',
      'app.test:99999',
      'app.test:',
      'app.test/evil',
      'app.test evil',
      '[::1',
      'app.test,evil',
      '',
    ]) {
      assert.equal(await rawStatus([`GET ${me} HTTP/1.1`, `Host: ${host}`]), 400, host);
    }
    for (const [first, second] of [
      ['app.test', 'evil.test'],
      ['evil.test', 'app.test'],
      ['app.test', 'app.test'],
    ]) {
      assert.equal(await rawStatus([`GET ${me} HTTP/1.1`, `Host: ${first}`, `hOST: ${second}`]), 400);
    }
    assert.equal(await rawStatus([`GET ${me} HTTP/1.1`]), 400);
    assert.equal(await rawStatus([`GET ${me} HTTP/1.0`]), 400);
  }),
);

attack('Q439', 'two Hosts of which the parser hides the second', async () => {
  const rules = compileHostRules(app.context.config);
  // Without the options of the app's own server: here the check stands alone.
  const bare = createServer((request, response) => {
    openContext(request, response, 0);
    const verdict = checkRequest(request, rules);
    response.writeHead(verdict instanceof Problem ? verdict.status : 200).end();
  });
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  after(() => bare.close());
  const address: AddressInfo | string | null = bare.address();
  assert.ok(typeof address === 'object' && address !== null);
  assert.equal(await rawStatus([`GET ${me} HTTP/1.1`, 'Host: app.test'], address.port), 200);
  assert.equal(await rawStatus([`GET ${me} HTTP/1.1`, 'Host: app.test', 'Host: evil.test'], address.port), 400);
});

attack('Q439', 'an absolute-form target that names another host, or the own one', () =>
  assertNotReached(async () => {
    for (const target of [`http://evil.test${me}`, `http://app.test${me}`, `evil.test${me}`, '*']) {
      assert.equal(await rawStatus([`${target === '*' ? 'OPTIONS' : 'GET'} ${target} HTTP/1.1`, 'Host: app.test']), 400, target);
    }
  }),
);

attack('Q439', 'forwarded headers of a stranger change nothing', async () => {
  const headers = {
    'x-forwarded-for': visitor,
    'x-forwarded-host': 'evil.test',
    'x-forwarded-proto': 'https',
    forwarded: `for=${visitor};host=evil.test`,
  };
  for (const from of ['127.0.0.1', '127.0.0.8']) {
    const answer = await send(app, 'GET', me, { headers, from });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json(), { ip: from, scheme: 'http' });
  }
});

attack('Q439', 'a client behind the proxy writes the start of X-Forwarded-For itself', async () => {
  for (const chain of [`127.0.0.1, ${visitor}`, `not-an-address, ${visitor}`, `10.0.0.1, 203.0.113.9, ${visitor}, 10.0.0.1`]) {
    const answer = await send(app, 'GET', me, { headers: { 'x-forwarded-for': chain }, from: proxy });
    assert.equal(answer.status, 200);
    assert.equal(answer.json()['ip'], visitor, chain);
  }
});

attack('Q439', 'a trusted proxy passes on an unlisted host, a garbled address or scheme', () =>
  assertNotReached(async () => {
    const forgeries = [
      ...['evil.test', 'app.test, evil.test', ''].map((host) => ({ 'x-forwarded-host': host })),
      ...['unknown', `${visitor}:80`, '010.0.0.1', '0x7f.1', '1', `${visitor},`].map((chain) => ({ 'x-forwarded-for': chain })),
      ...['https, http', 'HTTPS', 'ftp', ''].map((scheme) => ({ 'x-forwarded-proto': scheme })),
    ];
    for (const headers of forgeries)
      assert.equal((await send(app, 'GET', me, { headers, from: proxy })).status, 400, JSON.stringify(headers));
  }),
);

attack('Q439', 'a mailed link leads to BASE_URL whatever host asked for it', async () => {
  mails.length = 0;
  const tries = [
    { status: 204, options: {} },
    { status: 421, options: { headers: { host: 'evil.test' } } },
    { status: 204, options: { headers: { host: 'alt.test:8080' } } },
    { status: 204, options: { headers: { 'x-forwarded-host': 'evil.test' } } },
    { status: 400, options: { headers: { 'x-forwarded-host': 'evil.test' }, from: proxy } },
    { status: 204, options: { headers: { 'x-forwarded-host': 'alt.test:8080' }, from: proxy } },
  ];
  for (const { status, options } of tries) assert.equal((await send(app, 'POST', '/fixture/forgot', options)).status, status);
  assert.deepEqual(
    mails,
    Array.from({ length: 4 }, () => 'http://app.test/fixture/items/token'),
  );
});

attack('Q439', 'plain HTTP in production: API calls are refused, and a stranger cannot claim https', async () => {
  const before = reached + mails.length;
  const strangers = { 'x-forwarded-proto': 'https' };
  const calls = [
    send(production, 'POST', '/fixture/forgot'),
    send(production, 'POST', '/fixture/forgot', { headers: { accept: 'text/html' } }),
    send(production, 'GET', me, { headers: { accept: 'application/json' } }),
    send(production, 'GET', me, { headers: strangers }),
    send(production, 'GET', me, { headers: { 'x-forwarded-proto': 'http' }, from: proxy }),
  ];
  for (const answer of await Promise.all(calls)) {
    assert.equal(answer.status, 400);
    assert.equal(answer.headers['location'], undefined);
  }
  assert.equal(reached + mails.length, before);
  assert.equal((await send(production, 'POST', '/fixture/forgot', { headers: strangers, from: proxy })).status, 204);
});

attack('Q439', 'plain HTTP in production: a page moves to the canonical https host, never to another', async () => {
  const before = reached;
  const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
  for (const path of ['/', '/healthz?a=1', me]) {
    const page = await send(production, 'GET', path, { headers: { ...browser, 'x-forwarded-host': 'evil.test' } });
    assert.equal(page.status, 308);
    assert.equal(page.headers['location'], `https://app.test${path}`);
  }
  const { status, headers } = await send(production, 'GET', '//evil.test/', { headers: browser });
  assert.ok(status === 400 || (status === 308 && new URL(headers['location'] ?? '').host === 'app.test'));
  assert.equal(reached, before);
});

attack('Q439', 'lists that trust everybody, or that cannot be read, stop the start', () => {
  const problemsOf = (lists: Partial<Config>) =>
    bootCheck(processFacts({ ...app.context.config, ALLOWED_HOSTS: [], TRUSTED_PROXIES: [], ...lists }));
  const ranges = ['true', '*', '1', '0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0.1/', '010.0.0.1', 'proxy.test'];
  for (const range of ranges) assert.equal(problemsOf({ TRUSTED_PROXIES: ['10.0.0.1', range] }).length, 1, range);
  for (const host of ['*', '*.app.test', 'https://app.test', 'app.test/', 'app.test:0', '.app.test', '[::1']) {
    assert.equal(problemsOf({ ALLOWED_HOSTS: [host] }).length, 1, host);
  }
  assert.ok(
    !problemsOf({ TRUSTED_PROXIES: ['s3cret'] })
      .join()
      .includes('s3cret'),
    'a problem shows the value',
  );
  assert.throws(() => compileHostRules({ ...app.context.config, TRUSTED_PROXIES: ['*'] }), /TRUSTED_PROXIES/);
  assert.deepEqual(problemsOf({ TRUSTED_PROXIES: ['10.0.0.0/8', '2001:db8::/32', '::1'], ALLOWED_HOSTS: ['alt.test', '[::1]:80'] }), []);
});

benign('on a loopback BASE_URL all names of the machine are one', () => {
  const { hosts } = compileHostRules(loadConfig({ BASE_URL: 'http://127.0.0.1:3000' }));
  assert.deepEqual([...hosts].toSorted(), ['127.0.0.1:3000', '[::1]:3000', 'localhost:3000']);
});

benign('a link with ordinary values reads as one would write it', () => {
  assert.equal(urlFor(items, { value: '42' }), '/fixture/items/42');
  assert.equal(urlFor(items, { value: '42' }, { q: 'two words' }), '/fixture/items/42?q=two+words');
  assert.equal(urlFor(whoAmI), me);
  assert.equal(safeHref('https://partner.test/a?b=c#d'), 'https://partner.test/a?b=c#d');
  assert.equal(safeHref('mailto:a@app.test'), 'mailto:a@app.test');
});

attack('G7', 'a value that would change the path arrives as the value it was, at the same route', async () => {
  for (const value of ['../admin?x=1#', 'a/b', '%2e%2e', 'é', '...', ':value', '{a}', "'()*!"]) {
    const path = urlFor(items, { value });
    assert.ok(isOwnPath(path));
    const answer = await send(app, 'GET', path);
    assert.equal(answer.status, 200, value);
    assert.deepEqual(answer.json(), { value });
  }
});

attack('G7', 'a path value that URL parsers fold away is refused', () => {
  for (const value of ['..', '.', '']) assert.throws(() => urlFor(items, { value }), TypeError, value);
  assert.equal(urlFor(items, { value: '..a' }), '/fixture/items/..a');
});

attack('G7', 'a query value stays one parameter', async () => {
  for (const q of ['a&b=c', 'a=b#c', '+ %26', 'é&']) {
    const answer = await send(app, 'GET', urlFor(items, { value: 'x' }, { q }));
    assert.equal(answer.status, 200, q);
    assert.deepEqual(answer.json(), { value: 'x', q });
  }
});

attack('G7', 'a link of a user that runs as script', () => {
  const schemes = ['javascript', 'JaVaScRiPt', ' java\tscript', '\u0001javascript', 'data', 'vbscript', 'blob', 'file'];
  const links = [
    ...schemes.map((scheme) => `${scheme}:alert(1)`),
    'blob:https://app.test/x',
    'file:///etc/passwd',
    '//evil.test',
    'no url',
    '',
  ];
  for (const text of links) assert.equal(safeHref(text), '#', text);
  assert.equal(safeHref(' https://partner.test/'), 'https://partner.test/');
});

attack('G7', 'an absolute link made under a forged Host', async () => {
  mails.length = 0;
  assert.equal((await send(app, 'POST', '/fixture/forgot', { headers: { host: 'evil.test' } })).status, 421);
  assert.equal(
    (await send(app, 'POST', '/fixture/forgot', { headers: { host: 'alt.test:8080', 'x-forwarded-host': 'evil.test' } })).status,
    204,
  );
  assert.equal(mails.length, 1);
  assert.ok(mails[0]?.startsWith(`${app.context.config.BASE_URL}/`));
});

attack('G7', 'the names of parameters come from the route: another name does not compile', () => {
  type Accepts<P> = P extends ParamsOf<typeof itemInput> ? true : false;
  const right: Accepts<{ value: string }> = true;
  const wrong: Accepts<{ id: string }> = false;
  assert.deepEqual([right, wrong], [true, false]);
});
