import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import type { RequestListener, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import Type from 'typebox';
import { processFacts } from '#src/config.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { bootCheck } from '#src/protections/outbound-http/boot-check.ts';
import { resolveBy } from '#src/protections/outbound-http/network.ts';
import { safeFetch } from '#src/protections/outbound-http/safe-fetch.ts';
import { closed } from '#src/protections/validation/core.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, send } from '#tests/support/http.ts';
import { nameServer } from '#tests/support/outbound-http/dns.ts';
import { Internet } from '#tests/support/outbound-http/internet.ts';
import { lint } from '#tests/support/validation/lint.ts';

/** A preview of a link, as apps have it: whoever asks names the URL. */
const previews = defineModule({
  id: 'previews',
  prefix: '/previews',
  routes: [
    route(
      {
        method: 'POST',
        path: '/',
        access: 'public',
        input: {
          body: closed({
            url: Type.String(),
            reach: Type.Optional(Type.Union([Type.Literal('listed'), Type.Literal('public')])),
            method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('POST')])),
            header: Type.Optional(Type.String()),
            deadlineMs: Type.Optional(Type.Integer()),
          }),
        },
        output: closed({ status: Type.Integer(), length: Type.Integer(), url: Type.String() }),
        summary: 'Fetches a page',
      },
      async ({ app, input, context }) => {
        const { url, reach = 'public', method = 'GET', header = 'x-api-key', deadlineMs = 10_000 } = input.body;
        const page = await safeFetch(app, url, { method, reach, deadlineMs, headers: Object.fromEntries([[header, 'canary-key']]), signal: context.signal });
        return ok({ status: page.status, length: page.body.length, url: page.url });
      },
    ),
  ],
});

const app = await startApp({
  modules: [previews],
  env: { OUTBOUND_HOSTS: 'listed.test', OUTBOUND_MAX_BYTES: '65536', OUTBOUND_CONCURRENCY: '3' },
});
const internet = await Internet.of(app);

const redirect = (response: ServerResponse, location: string, status = 302): void => void response.writeHead(status, { location }).end();

const bombs: Readonly<Record<string, RequestListener>> = {
  '/large': (_request, response) => pour(response.writeHead(200, { 'content-length': String(2 ** 30) })),
  '/endless': (_request, response) => pour(response.writeHead(200)),
  '/bomb': (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
};
let poured = 0;

/** Writes as long as somebody reads. */
const pour = (response: ServerResponse): void => {
  const chunk = Buffer.alloc(16_384);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk)) poured += chunk.length;
  };
  response.on('drain', more);
  more();
};

const drips: (() => void)[] = [];

const site: RequestListener = (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'https://site.test');
  const hop = Number(/^\/hop\/(\d)$/.exec(pathname)?.[1] ?? 0);
  const bomb = bombs[pathname];
  if (bomb !== undefined) bomb(request, response);
  else if (hop > 0) redirect(response, hop === 1 ? '/' : `/hop/${hop - 1}`);
  else if (pathname === '/to') redirect(response, searchParams.get('url') ?? '', Number(searchParams.get('status') ?? 302));
  else if (pathname === '/zipped') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('a'.repeat(5000)));
  else if (pathname === '/hang') drips.push(() => response.end());
  else if (pathname === '/drip') {
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  } else response.end('hello');
};
const host = await internet.host('site.test', '93.184.215.14', site);
const other = await internet.host('other.test', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', site);
await internet.host('listed.test', '93.184.215.15', site);

const preview = (url: string, more: Readonly<Record<string, unknown>> = {}): Promise<Received> =>
  send(app, 'POST', '/previews', { body: { url, ...more } });

/** The honest request that every attack is measured by. */
const control = async (): Promise<void> => {
  const answer = await preview('https://site.test/');
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json()['length'], 5);
};

const withoutIds = ({ text }: Received): string => text.replaceAll(/"(?:errorId|requestId|instance)":"[^"]*"/g, '');

const assertRefused = async (url: string, status = 403): Promise<Received> => {
  internet.canaryHits = 0;
  const answer = await preview(url);
  assert.equal(answer.status, status, `${url} ${answer.text}`);
  assert.equal(internet.canaryHits, 0, url);
  return answer;
};

benign('a page is fetched: by IPv4 and IPv6, compressed, through three redirects and to another host', async () => {
  await control();
  assert.equal((await preview('https://other.test/')).status, 200);
  assert.equal((await preview('https://listed.test/', { reach: 'listed' })).status, 200);
  assert.equal((await preview('https://site.test/zipped')).json()['length'], 5000);
  assert.equal((await preview('https://site.test/hop/3')).json()['url'], 'https://site.test/');
  assert.equal((await preview('https://site.test/to?url=https://other.test/')).json()['url'], 'https://other.test/');
  assert.equal((await preview('https://site.test/', { method: 'POST' })).status, 200);
});

benign('both kinds of addresses are asked of the DNS', async () => {
  const ask = async (addresses: Readonly<Record<number, readonly Buffer[]>>): Promise<readonly string[]> => {
    const resolver = new Resolver({ timeout: 5000, tries: 1 });
    resolver.setServers([await nameServer(addresses)]);
    return resolveBy(resolver, 'site.test', new AbortController().signal);
  };
  const four = Buffer.from([93, 184, 215, 14]);
  const six = Buffer.from('20010db8000000000000000000000001', 'hex');
  assert.deepEqual(await ask({ 1: [four], 28: [six] }), ['93.184.215.14', '2001:db8::1']);
  assert.deepEqual(await ask({ 1: [four] }), ['93.184.215.14']);
  assert.deepEqual(await ask({ 28: [six] }), ['2001:db8::1']);
  assert.deepEqual(await ask({}), []);
});

/** Spellings of addresses that are not public, as they stand in a URL. */
const insideAddresses = `
  127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.255.255.254 127.0.0.1.
  127。0。0。1 １２７.０.０.１ ①②⑦.⓪.⓪.① %31%32%37.0.0.1 0 0.0.0.0 0x0
  10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 169.254.170.2 2852039166 0xa9fea9fe 168.63.129.16
  100.64.0.1 100.100.100.200 192.0.0.192 198.18.0.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
  [::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:a9fe:a9fe] [::127.0.0.1] [::ffff:0:127.0.0.1]
  [64:ff9b::7f00:1] [64:ff9b::169.254.169.254] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:a9fe:a9fe::1]
  [2001:0:4136:e378:8000:63bf:80ff:fffe] [fe80::1] [fec0::1] [fc00::1] [fd00:ec2::254] [fd20:ce::254] [ff02::1]
  [100::1] [5f00::1] [3fff::1] [2001:db8::1] [4000::1]`
  .trim()
  .split(/\s+/);

attack('Q451', 'addresses inside, in every spelling that a URL knows: refused, the canary sees nothing', async () => {
  await control();
  for (const address of insideAddresses) await assertRefused(`https://${address}/`);
});

attack('Q451', 'names that lead inside, one by one and among public addresses: refused, the canary sees nothing', async () => {
  await control();
  const inside = ['127.0.0.1', '::1', '10.1.2.3', '169.254.169.254', '100.64.0.1', '::ffff:10.0.0.1', '64:ff9b::a00:1', 'fd00::1', '0.0.0.0', 'fe80::1%eth0'];
  for (const address of inside) {
    internet.name('rebind.test', [address]);
    await assertRefused('https://rebind.test/');
    internet.name('mixed.test', [host.address, address]);
    await assertRefused('https://mixed.test/');
    internet.name('mixed.test', [address, host.address]);
    await assertRefused('https://mixed.test/');
  }
  for (const name of ['localhost', 'localhost.', 'LOCALHOST']) {
    internet.name(name.toLowerCase(), ['127.0.0.1', '::1']);
    await assertRefused(`https://${name}/`);
  }
});

attack('Q451', 'a name that is public when it is checked and loopback when it is connected to: one answer serves both', async () => {
  const rebinding = await internet.host('turning.test', '93.184.215.16', site);
  for (const second of ['127.0.0.1', '::1', '169.254.169.254']) {
    internet.name('turning.test', [rebinding.address], [second]);
    internet.canaryHits = 0;
    assert.equal((await preview('https://turning.test/')).status, 200);
    assert.equal(internet.canaryHits, 0);
    await assertRefused('https://turning.test/');
  }
});

attack('Q451', 'other schemes, other ports, credentials, no URL at all: refused', async () => {
  await control();
  const { length } = host.requests;
  const urls = `
    http://site.test/ file:///etc/passwd gopher://site.test/_x ftp://site.test/ data:text/plain,x ws://site.test/ blob:https://site.test/x
    https://site.test:22/ https://site.test:80/ https://site.test:6379/ https://site.test:65535/ https://site.test:0/
    https://user@site.test/ https://user:secret@site.test/ https://:secret@site.test/ https://site.test@127.0.0.1/ https://127.0.0.1#@site.test/
    / //site.test/ https:// https://[site.test]/ https://site.test/${'a'.repeat(3000)}`
    .trim()
    .split(/\s+/);
  for (const url of ['', ' ', 'https://site test/', ...urls]) await assertRefused(url);
  assert.equal(host.requests.length, length);
});

attack('Q451', 'a redirect to where no call may go: refused, the canary sees nothing', async () => {
  await control();
  const locations = ['https://127.0.0.1/', 'https://[::1]/', '//169.254.169.254/', 'https://localhost/', 'http://site.test/', 'file:///etc/passwd', 'gopher://site.test/', 'https://site.test:22/', 'https://user@site.test/', 'https://['];
  for (const location of locations) {
    for (const status of [301, 302, 303, 307, 308]) await assertRefused(`https://site.test/to?status=${status}&url=${encodeURIComponent(location)}`);
  }
});

attack('Q451', 'a fourth redirect, and a loop of them: refused', async () => {
  assert.equal((await preview('https://site.test/hop/3')).status, 200);
  await assertRefused('https://site.test/hop/4');
  await assertRefused('https://site.test/to?url=%2Fhop%2F3');
});

attack('Q451', 'a redirect to another host takes no key along; a redirect of a POST is not followed', async () => {
  await preview('https://site.test/to?url=%2F');
  assert.equal(host.requests.at(-1)?.headers['x-api-key'], 'canary-key');
  await preview('https://site.test/to?url=https://other.test/');
  assert.equal(other.requests.at(-1)?.headers['x-api-key'], undefined);
  const { length } = other.requests;
  for (const status of [301, 302, 303, 307, 308]) {
    const answer = await preview(`https://site.test/to?status=${status}&url=https://other.test/`, { method: 'POST' });
    assert.equal(answer.status, 502);
  }
  assert.equal(other.requests.length, length);
});

attack('Q451', 'a header that sends the request to another host of the same server: refused', async () => {
  await control();
  const { length } = host.requests;
  for (const header of ['host', 'Host', 'transfer-encoding', 'Content-Length', 'connection', 'upgrade', 'te']) {
    assert.equal((await preview('https://site.test/', { header })).status, 403, header);
  }
  assert.equal(host.requests.length, length);
});

attack('Q451', 'a slow drip, and silence: given up at the deadline', async () => {
  await control();
  for (const path of ['/drip', '/hang']) assert.equal((await preview(`https://site.test${path}`, { deadlineMs: 150 })).status, 503, path);
});

attack('Q451', 'an endless answer, a gigabyte, a gzip bomb: given up at the cap', async () => {
  await control();
  for (const path of Object.keys(bombs)) {
    poured = 0;
    assert.equal((await preview(`https://site.test${path}`)).status, 502, path);
    assert.ok(poured < 8_000_000, `${path}: ${poured} bytes`);
  }
});

attack('Q451', 'a public host that is not listed: 403, also by redirect; similar names do not count', async () => {
  assert.equal((await preview('https://listed.test/', { reach: 'listed' })).status, 200);
  const { length } = host.requests;
  for (const name of ['site.test', 'sub.listed.test', 'listed.test.site.test', 'xlisted.test', 'listed.test.', '93.184.215.15']) {
    internet.name(name, [host.address]);
    assert.equal((await preview(`https://${name}/`, { reach: 'listed' })).status, 403, name);
  }
  assert.equal((await preview('https://listed.test/to?url=https://site.test/', { reach: 'listed' })).status, 403);
  assert.equal(host.requests.length, length);
});

attack('Q451', 'the refusal does not tell what is inside: the same for a name that exists and one that does not', async () => {
  await control();
  internet.name('database.corp.test', ['10.0.0.5']);
  const existing = await assertRefused('https://database.corp.test/');
  const missing = await assertRefused('https://nobody.corp.test/');
  assert.equal(withoutIds(existing), withoutIds(missing));
});

attack('Q451', 'the log names hosts, and nothing else of a URL', async () => {
  await control();
  app.log.clear();
  await assertRefused('https://127.0.0.1/reset/canary-path?token=canary-token');
  assert.match(app.log.text, /"host":"127\.0\.0\.1"/);
  assert.doesNotMatch(app.log.text, /canary-path|canary-token|canary-key/);
});

attack('Q451', 'slow hosts hold as many calls as there are slots, no more; then all are free again', async () => {
  await control();
  drips.length = 0;
  const held = [1, 2, 3].map(() => preview('https://site.test/hang'));
  while (drips.length < 3) await new Promise(setImmediate);
  const refused = await preview('https://site.test/');
  assert.equal(refused.status, 503);
  assert.equal(refused.headers['retry-after'], '1');
  for (const end of drips) end();
  for (const answer of await Promise.all(held)) assert.equal(answer.status, 200);
  await control();
});

attack('Q451', 'lists that admit more than their author sees refuse to start', async () => {
  const facts = processFacts(app.context.config);
  const problems = (OUTBOUND_HOSTS: readonly string[], OUTBOUND_PORTS: readonly string[] = ['443']): number =>
    bootCheck({ ...facts, config: { ...facts.config, OUTBOUND_HOSTS, OUTBOUND_PORTS } }).length;
  assert.equal(problems(['api.partner.test', 'xn--bcher-kva.test'], ['443', '8443']), 0);
  for (const entry of ['*', '*.partner.test', '.partner.test', 'partner.test:443', 'https://partner.test', 'Partner.test', '127.0.0.1', '0x7f.1', 'localhost', 'partner.test/', 'user@partner.test', 'bücher.test']) {
    assert.equal(problems([entry]), 1, entry);
  }
  for (const port of ['0', '*', '1-65535', '65536', '-1', 'https']) assert.equal(problems([], [port]), 1, port);
});

attack('Q451', 'a call past the one client: the linter refuses', () => {
  const { rulesOf, passes } = lint({
    honest: `import { createServer, type Agent } from 'node:http';\nimport type { Dispatcher } from 'undici';\nexport const a = (b: Agent, c: Dispatcher) => [createServer(), b, c];\n`,
    'global-fetch': `export const a = (url: string) => fetch(url);\n`,
    'member-fetch': `export const a = (url: string) => globalThis.fetch(url);\n`,
    socket: `export const a = (url: string) => new WebSocket(url);\n`,
    undici: `import { request } from 'undici';\nexport const a = (url: string) => request(url);\n`,
    https: `import { get } from 'node:https';\nexport const a = (url: string) => get(url);\n`,
    whole: `import http from 'node:http';\nexport const a = (url: string) => http.get(url);\n`,
    spaced: `import * as http from 'http';\nexport const a = (url: string) => http.get(url);\n`,
    later: `export const a = async (url: string) => (await import('node:https')).get(url);\n`,
  });
  assert.equal(passes, false);
  assert.ok(!rulesOf('honest').join().includes('one-client'), rulesOf('honest').join());
  for (const name of ['global-fetch', 'member-fetch', 'socket', 'undici', 'https', 'whole', 'spaced', 'later']) {
    assert.match(rulesOf(name).join(), /one-client/, name);
  }
});
