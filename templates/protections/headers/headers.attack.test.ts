import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import Type from 'typebox';
import { type BootFacts, assertSafeStart, processFacts } from '#src/config.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { noContent, ok, page } from '#src/protections/app-core/reply.ts';
import { type RouteSpec, defineModule, route } from '#src/protections/app-core/route.ts';
import { bootCheck } from '#src/protections/headers/boot-check.ts';
import { addDirective } from '#src/protections/headers/directives.ts';
import { cspNonce } from '#src/protections/headers/nonce.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, send, sendRaw } from '#tests/support/http.ts';

const Text = Type.Object({ text: Type.String() }, { additionalProperties: false });
const shared = { access: 'public', input: {}, output: Text, summary: 'Only for this test' } as const;
const partner = 'https://partner.test';
const elsewhere = { location: '/fixture/json' };

/** Answers with each status, as pages and as JSON. */
const fixture = defineModule({
  id: 'headers-fixture',
  prefix: '/fixture',
  routes: [
    route({ ...shared, method: 'GET', path: '/json' }, () => ok({ text: 'hello' })),
    route({ ...shared, method: 'GET', path: '/cached' }, () => ok({ text: 'hello' }, { 'cache-control': 'private, max-age=60' })),
    route({ ...shared, method: 'GET', path: '/none' }, () => noContent()),
    route({ ...shared, method: 'GET', path: '/moved' }, () => ({ status: 303, headers: elsewhere })),
    route({ ...shared, method: 'GET', path: '/boom' }, () => {
      throw new Error('insides of the app');
    }),
    route({ ...shared, method: 'GET', path: '/busy' }, () => {
      throw new Problem(429);
    }),
    route({ ...shared, output: Type.String(), method: 'GET', path: '/page' }, ({ context }) =>
      page(`<!doctype html><title>t</title><script nonce="${cspNonce(context)}">1</script>`),
    ),
    route({ ...shared, output: Type.String(), method: 'GET', path: '/strict-page' }, ({ context }) => {
      for (const directive of ["trusted-types 'none'", "trusted-types 'none'", 'script-src *', 'frame-ancestors *']) addDirective(context, directive);
      return page('<!doctype html><title>t</title>');
    }),
    route({ ...shared, output: Type.String(), method: 'GET', path: '/plain-page' }, () => page('<!doctype html><title>t</title>')),
    route({ ...shared, output: Type.String(), method: 'GET', path: '/widget', framing: [partner] }, () =>
      page('<!doctype html><title>w</title>'),
    ),
    route({ ...shared, method: 'GET', path: '/sandbox' }, () =>
      ok({ text: 'file' }, { 'content-security-policy': "sandbox; default-src 'none'" }),
    ),
    route({ ...shared, method: 'POST', path: '/in', input: { body: Text } }, ({ input }) => ok({ text: input.body.text })),
  ],
});

const app = await startApp({ modules: [fixture] });

const api: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-xss-protection': '0',
};

const baselineOf = ({ headers }: Received): Record<string, unknown> =>
  Object.fromEntries(Object.keys(api).map((name) => [name, headers[name]]));

const policyOf = ({ headers }: Received): Map<string, string> =>
  new Map(
    String(headers['content-security-policy'])
      .split('; ')
      .map((directive) => {
        const at = directive.indexOf(' ');
        return [directive.slice(0, at), directive.slice(at + 1)];
      }),
  );

benign('a JSON answer and a page arrive as they are', async () => {
  assert.deepEqual((await send(app, 'GET', '/fixture/json')).json(), { text: 'hello' });
  const answer = await send(app, 'GET', '/fixture/plain-page');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
});

benign('a route may set a stricter or looser value for itself', async () => {
  const { rawHeaders, headers } = await send(app, 'GET', '/fixture/cached');
  assert.equal(headers['cache-control'], 'private, max-age=60');
  assert.equal(rawHeaders.filter((name) => name.toLowerCase() === 'cache-control').length, 1);
});

benign('a violation that a browser reports reaches the log, without the query of the page', async () => {
  const reporting = await startApp();
  const legacy = {
    'csp-report': {
      'document-uri': 'https://app.test/reset?token=canary',
      'violated-directive': 'script-src',
      'blocked-uri': 'https://evil.test/x.js',
    },
  };
  const modern = [
    { type: 'csp-violation', body: { documentURL: 'https://app.test/', effectiveDirective: 'img-src', blockedURL: 'inline' } },
  ];
  for (const [type, body] of [
    ['application/csp-report', legacy],
    ['application/reports+json', modern],
  ] as const) {
    const answer = await send(reporting, 'POST', '/csp-reports', { headers: { 'content-type': type }, body });
    assert.equal(answer.status, 204, type);
  }
  const logged = reporting.log.lines.flatMap(({ csp }) => csp ?? []);
  assert.deepEqual(logged, [
    { directive: 'script-src', blocked: 'https://evil.test/x.js', page: 'https://app.test/reset' },
    { directive: 'img-src', blocked: 'inline', page: 'https://app.test/' },
  ]);
  assert.doesNotMatch(reporting.log.text, /canary/);
});

attack('B5', 'answers of every status carry the baseline', async () => {
  const answers: readonly (readonly [number, Received])[] = [
    [200, await send(app, 'GET', '/fixture/json')],
    [204, await send(app, 'GET', '/fixture/none')],
    [303, await send(app, 'GET', '/fixture/moved')],
    [404, await send(app, 'GET', '/missing')],
    [413, await send(app, 'POST', '/fixture/in', { body: { text: 'x'.repeat(app.context.config.BODY_LIMIT_BYTES) } })],
    [415, await send(app, 'POST', '/fixture/in', { body: 'x', headers: { 'content-type': 'text/plain' } })],
    [422, await send(app, 'POST', '/fixture/in', { body: { text: 1 } })],
    [429, await send(app, 'GET', '/fixture/busy')],
    [500, await send(app, 'GET', '/fixture/boom')],
  ];
  for (const [status, answer] of answers) {
    assert.equal(answer.status, status);
    assert.deepEqual(baselineOf(answer), api, `status ${status}`);
  }
});

attack('B5', 'what the parser or Node itself answers carries the baseline', async () => {
  const cases = {
    400: 'GET /fixture/json HTTP/1.1\r\nhost: app.test\r\ncontent-length: +1\r\n\r\n',
    431: `GET /fixture/json HTTP/1.1\r\nhost: app.test\r\nx-long: ${'a'.repeat(70_000)}\r\n\r\n`,
    417: 'GET /fixture/json HTTP/1.1\r\nhost: app.test\r\nexpect: tea\r\nconnection: close\r\n\r\n',
  };
  for (const [status, bytes] of Object.entries(cases)) {
    const { text } = await sendRaw(app, bytes);
    assert.ok(text.startsWith(`HTTP/1.1 ${status} `), text.slice(0, 80));
    for (const [name, value] of Object.entries(api))
      assert.ok(text.toLowerCase().includes(`\r\n${name}: ${value.toLowerCase()}\r\n`), `${status} lacks ${name}`);
  }
});

attack('B5', 'a path that the router cannot decode is answered with the baseline', async () => {
  const answer = await send(app, 'GET', '/fixture/%E0%A4%A');
  assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
  assert.deepEqual(baselineOf(answer), api);
});

attack('B5', 'a nonce of one page does not run a script in another', async () => {
  const pages = [await send(app, 'GET', '/fixture/page'), await send(app, 'GET', '/fixture/page')];
  const nonces = pages.map((answer) => {
    const sources = policyOf(answer).get('script-src') ?? '';
    const nonce = /'nonce-([\w+/=]{22,})'/.exec(sources)?.[1] ?? '';
    assert.doesNotMatch(sources, /unsafe-inline|unsafe-eval|\*/);
    for (const [, tag = ''] of answer.text.matchAll(/<script([^>]*)>/g)) assert.equal(tag, ` nonce="${nonce}"`);
    return nonce;
  });
  assert.notEqual(nonces[0], '');
  assert.notEqual(nonces[0], nonces[1]);
  assert.equal(policyOf(await send(app, 'GET', '/fixture/plain-page')).get('script-src'), "'self'");
});

attack('B5', 'what one page adds to its policy loosens nothing, and stays with that page', async () => {
  const plain = await send(app, 'GET', '/fixture/plain-page');
  const strict = await send(app, 'GET', '/fixture/strict-page');
  const policy = String(plain.headers['content-security-policy']);
  assert.equal(strict.headers['content-security-policy'], `${policy}; trusted-types 'none'; script-src *; frame-ancestors *`);
  assert.equal((await send(app, 'GET', '/fixture/plain-page')).headers['content-security-policy'], policy);
});

attack('B5', 'a page limits forms, base, plugins, features and what others may hold of it', async () => {
  const answer = await send(app, 'GET', '/fixture/plain-page');
  const policy = policyOf(answer);
  for (const [directive, sources] of Object.entries({
    'default-src': "'none'",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'self'",
    'frame-ancestors': "'none'",
    'report-to': 'csp',
    'report-uri': '/csp-reports',
  })) {
    assert.equal(policy.get(directive), sources, directive);
  }
  const { headers } = answer;
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  assert.equal(headers['reporting-endpoints'], 'csp="/csp-reports"');
  for (const feature of ['camera', 'microphone', 'geolocation'])
    assert.ok(headers['permissions-policy']?.includes(`${feature}=()`), feature);
  for (const [name, value] of Object.entries(baselineOf(answer)))
    if (name !== 'content-security-policy') assert.equal(value, api[name], name);
});

attack('B5', 'JSON names its charset, and no header brings back what browsers removed', async () => {
  const { headers } = await send(app, 'GET', '/fixture/json');
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['x-xss-protection'], '0');
  for (const name of ['public-key-pins', 'public-key-pins-report-only', 'expect-ct', 'feature-policy'])
    assert.equal(headers[name], undefined, name);
});

attack('B5', 'reports cannot fill the log: 1 MB is refused, so is a flood', async () => {
  const flooded = await startApp();
  const report = { headers: { 'content-type': 'application/csp-report' }, body: { 'csp-report': { 'violated-directive': 'script-src' } } };
  assert.equal((await send(flooded, 'POST', '/csp-reports', report)).status, 204);
  assert.equal((await send(flooded, 'POST', '/csp-reports', { ...report, body: `"${'x'.repeat(1_048_576)}"` })).status, 413);
  const statuses: number[] = [];
  for (let sent = 0; sent < 100; sent += 1) statuses.push((await send(flooded, 'POST', '/csp-reports', report)).status);
  assert.deepEqual([...new Set(statuses)], [204, 429]);
  assert.ok(flooded.log.lines.filter(({ csp }) => csp !== undefined).length <= 50);
});

attack('Q415', 'no answer may be framed: root, missing page, failure, page', async () => {
  for (const path of ['/', '/missing', '/fixture/boom', '/fixture/plain-page']) {
    const answer = await send(app, 'GET', path, { headers: { accept: 'text/html' } });
    assert.equal(policyOf(answer).get('frame-ancestors'), "'none'", path);
    assert.equal(answer.headers['x-frame-options'], 'DENY', path);
  }
});

attack('Q415', 'a route that lets a partner frame it lets nobody else, and says so in both headers', async () => {
  const answer = await send(app, 'GET', '/fixture/widget');
  assert.equal(answer.status, 200);
  assert.equal(policyOf(answer).get('frame-ancestors'), partner);
  assert.equal(answer.headers['x-frame-options'], undefined);
  assert.equal(policyOf(await send(app, 'GET', '/fixture/plain-page')).get('frame-ancestors'), "'none'");
});

attack('Q415', 'a route with a content security policy of its own cannot forget about framing', async () => {
  const { headers } = await send(app, 'GET', '/fixture/sandbox');
  assert.equal(headers['content-security-policy'], "sandbox; default-src 'none'; frame-ancestors 'none'");
});

attack('Q415', 'an opt-in that is no exact origin refuses to boot', async () => {
  for (const origin of [
    '*',
    'https://*.partner.test',
    'http://partner.test',
    'https://partner.test/',
    "'self'",
    "https://a.test 'self'",
    'null',
  ]) {
    const spec: RouteSpec = { ...shared, method: 'GET', path: '/', framing: [origin] };
    const module = defineModule({ id: 'loose', prefix: '/loose', routes: [route(spec, () => ok({ text: '' }))] });
    await assert.rejects(startApp({ modules: [module] }), /exact origins/, origin);
  }
});

/** A production start without fault, as far as this protection looks. */
const facts: BootFacts = {
  ...processFacts({ ...app.context.config, NODE_ENV: 'production', BASE_URL: 'https://app.test' }),
  env: { NODE_ENV: 'production', PAYMENT_SECRET: 'Zk3v9-Qm7tR2xW8_bN4yLp6HcJd5sGfA' },
  execArgv: [],
};

const refusals = (env: BootFacts['env'], more: Partial<BootFacts> = {}): readonly string[] =>
  bootCheck({ ...facts, env: { ...facts.env, ...env }, ...more });

const unsafe: readonly (readonly [name: string, value: string])[] = [
  ['PAYMENT_SECRET', 'changeme'],
  ['PAYMENT_SECRET', 'change-me-change-me-change-me-12345'],
  ['PAYMENT_SECRET', '<your secret>'],
  ['PAYMENT_SECRET', 'k7Qz2'],
  ['PAYMENT_SECRET', 'abababababababababababababababab'],
  ['SESSION_SECRET', 'changeme'],
  ['SMTP_PASSWORD', 'password'],
  ['DATABASE_URL', 'postgres://postgres:postgres@db/app?sslmode=verify-full'],
  ['DATABASE_URL', 'postgres://app:app@127.0.0.1/app'],
  ['DATABASE_URL', 'postgres://app:Zk3v9Qm7tR2x@db/app'],
  ['DATABASE_URL', 'postgres://app:Zk3v9Qm7tR2x@db/app?sslmode=prefer'],
  ['REDIS_URL', 'redis://other-host'],
  ['TRUST_PROXY', 'true'],
  ['TRUST_PROXY', '1'],
  ['TRUSTED_PROXIES', '10.0.0.1, 0.0.0.0/0'],
  ['CORS_ORIGINS', '*'],
  ['ALLOWED_HOSTS', 'app.test,*'],
  ['DOCS', 'on'],
  ['DEBUG', 'express:*'],
  ['NODE_DEBUG', 'http'],
  ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
];

benign('safe settings start in production, and unsafe ones outside of it', () => {
  const safe = {
    DATABASE_URL: 'postgres://app:Zk3v9Qm7tR2x@db.example/app?sslmode=verify-full',
    REDIS_URL: 'rediss://:Zk3v9Qm7tR2x@cache.example',
    CACHE_URL: 'redis://127.0.0.1:6379',
    TLS_KEY: '/etc/tls/app.key',
    TRUSTED_PROXIES: '10.0.0.0/8',
    TRUST_PROXY: 'off',
    CORS_ORIGINS: 'https://spa.example',
    DOCS: 'off',
    PAYMENT_TOKEN: '',
  };
  assert.deepEqual(refusals(safe), []);
  const composed = { PRIVATE_HOSTS: 'db, redis', DATABASE_URL: 'postgres://app:Zk3v9Qm7tR2x@db/app', REDIS_URL: 'redis://redis:6379' };
  assert.deepEqual(refusals(composed), []);
  for (const [name, value] of unsafe)
    assert.deepEqual(refusals({ [name]: value }, { config: { ...facts.config, NODE_ENV: 'development' } }), []);
});

attack('Q421', 'each unsafe setting alone refuses a production start, named without its value', () => {
  assert.deepEqual(refusals({}), []);
  for (const [name, value] of unsafe) {
    const problems = refusals({ [name]: value });
    assert.equal(problems.length, 1, `${name}=${value}: ${problems.join()}`);
    assert.ok(problems[0]?.includes(name), `${name}: ${problems.join()}`);
    if (value.length > 4) assert.ok(!problems[0]?.includes(value), `${name} shows its value`);
  }
  assert.match(refusals({ PRIVATE_HOSTS: 'db,redis', REDIS_URL: 'redis://other-host' }).join(), /REDIS_URL/);
});

attack('Q421', 'plain HTTP as the public address refuses a production start', () => {
  const [problem = '', ...others] = refusals({}, { config: { ...facts.config, BASE_URL: 'http://app.test' } });
  assert.match(problem, /BASE_URL/);
  assert.deepEqual(others, []);
});

attack('Q421', 'a debugger refuses a production start, by flag and by variable', () => {
  for (const flag of ['--inspect', '--inspect=0.0.0.0:9229', '--inspect-brk', '--inspect-wait']) {
    assert.match(refusals({}, { execArgv: [flag] }).join(), /--inspect/);
    assert.match(refusals({ NODE_OPTIONS: `--max-old-space-size=512 ${flag}` }).join(), /--inspect/);
  }
  assert.deepEqual(refusals({ NODE_OPTIONS: '--max-old-space-size=512 --disable-proto=delete' }), []);
});

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Starts the real server in production; resolves when it ended, or when it listens. */
const startServer = async (env: Readonly<Record<string, string>>): Promise<Ended> => {
  const settings = {
    ...process.env,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    BASE_URL: 'https://app.test',
    ...env,
  };
  const child = spawn(process.execPath, ['src/server.ts'], { env: settings, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('"listening"')) child.kill('SIGKILL');
    });
  }
  await once(child, 'close');
  return { code: child.exitCode, output };
};

attack('Q421', 'the server itself refuses to start on any of them, and says which', async () => {
  const names = ['PAYMENT_SECRET', 'BASE_URL', 'TRUST_PROXY', 'DOCS', '--inspect'];
  const namedIn = ({ output }: Ended): readonly string[] => names.filter((name) => output.split(/[^\w-]+/).includes(name));
  // Other protections may refuse this start for reasons of their own, but not for these.
  assert.deepEqual(namedIn(await startServer({})), []);

  const env = {
    PAYMENT_SECRET: 'changeme-canary',
    BASE_URL: 'http://app.test',
    TRUST_PROXY: 'true',
    DOCS: 'on',
    NODE_OPTIONS: '--inspect=127.0.0.1:0',
  };
  const refused = await startServer(env);
  assert.ok(refused.code !== null && refused.code !== 0, `exit code ${refused.code}`);
  assert.deepEqual(namedIn(refused), names);
  assert.doesNotMatch(refused.output, /changeme-canary/);
});

attack('Q421', 'the registry of boot checks holds this one', async () => {
  const { bootChecks } = await import('#src/protections/index.ts');
  const env = { ...facts.env, PAYMENT_SECRET: 'changeme' };
  assert.throws(() => assertSafeStart(bootChecks, { ...facts, env }), /PAYMENT_SECRET/);
});

attack('Q421', 'answers do not say which software made them, nor show its insides', async () => {
  for (const path of ['/', '/fixture/json', '/fixture/boom']) {
    const { headers, text } = await send(app, 'GET', path);
    assert.equal(headers['x-powered-by'], undefined, path);
    assert.equal(headers['server'], undefined, path);
    assert.doesNotMatch(text, /\.ts|node_modules|at .+:\d+/, path);
  }
});
