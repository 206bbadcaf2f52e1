import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Problem } from '#src/protections/app-core/problem.ts';
import { noContent } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { ownPath } from '#src/protections/host-check/own-path.ts';
import { askToSignIn, redirectTo } from '#src/protections/redirects/core.ts';
import { leaveModule } from '#src/protections/redirects/leave.ts';
import { safeRedirect } from '#src/protections/redirects/safe-redirect.ts';
import { as, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, send } from '#tests/support/http.ts';

const closed = { additionalProperties: false };
const Nothing = Type.Object({}, closed);
const script = ['javascript', 'alert(1)'].join(':');
const home = ownPath('/fixture/home');
const signIn = ownPath('/fixture/sign-in');
const rows = new Set<string>();

/** Stands for every flow with a way back: sign-in, sign-out, OAuth return and step-up end like this. */
const flow = route(
  {
    method: 'POST',
    path: '/sign-in',
    access: 'public',
    input: { body: Type.Object({ next: Type.Optional(Type.String()) }, closed) },
    output: Nothing,
    summary: 'Ends with a way back',
  },
  ({ input }) => redirectTo(safeRedirect(input.body.next, home)),
);
const remove = route(
  {
    method: 'DELETE',
    path: '/rows/:id',
    access: 'public',
    input: { params: Type.Object({ id: Type.String() }, closed) },
    output: Nothing,
    summary: 'Sends strangers to the sign-in first',
  },
  ({ input, request }) => {
    if (request.headers['x-test-actor'] === undefined) return askToSignIn(request, signIn);
    rows.delete(input.params.id);
    return noContent();
  },
);
const account = route(
  {
    method: 'GET',
    path: '/account',
    access: 'public',
    input: { query: Type.Object({ tab: Type.String() }, closed) },
    output: Nothing,
    summary: 'For members',
  },
  ({ request }) => askToSignIn(request, signIn),
);

const fixture = defineModule({ id: 'redirects-fixture', prefix: '/fixture', routes: [flow, remove, account] });
const leave = leaveModule({ partner: 'https://partner.test/a?b=1&c="<script>' }, '/fixture-leave');
const app = await startApp({ modules: [fixture, leave] });

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const program = { accept: 'application/json' };

const signInWith = (next: string): Promise<Received> => send(app, 'POST', '/fixture/sign-in', { body: { next } });

/** Where a browser that is at `/fixture/sign-in` goes. */
const destination = ({ headers }: Received): URL => new URL(headers['location'] ?? '', 'http://app.test/fixture/sign-in');

benign('a way back within the app is taken as it is', async () => {
  for (const next of ['/', '/ok?x=1#f', '/a/b?next=/c&u=http://elsewhere.test/', '/%C3%A9', "/~a/(b)!*'"]) {
    assert.equal((await signInWith(next)).headers['location'], next);
  }
});

benign('a browser that has to sign in comes back to the page it wanted', async () => {
  const answer = await send(app, 'GET', '/fixture/account?tab=2', { headers: browser });
  const asked = destination(answer);
  assert.equal(asked.pathname, signIn);
  assert.equal(safeRedirect(asked.searchParams.get('next'), home), '/fixture/account?tab=2');
});

benign('a listed external target is shown', async () => {
  const answer = await send(app, 'GET', '/fixture-leave/partner', { headers: browser });
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type'] ?? '', /^text\/html/);
  assert.match(answer.text, /<strong>partner\.test<\/strong>/);
});

attack('Q441', 'a way back that leads to another host, or is no path at all', async () => {
  assert.equal((await signInWith('/ok')).headers['location'], '/ok');
  const toHosts = [
    '//evil.test',
    '///evil.test',
    '/\\evil.test',
    '\\\\evil.test',
    '\\/evil.test',
    'http:evil.test',
    'http:///evil.test',
    '//app.test/',
  ];
  const withControls = ['/\tevil.test', '/\t/evil.test', '/\n/evil.test', '/\r/evil.test', ' /ok', '/ok ok', '/\u00a0', " '//evil.test'"];
  const withDots = [
    '/.//evil.test',
    '/x/..//evil.test',
    '/./\\evil.test',
    '/%2e//evil.test',
    '/x/%2E%2e//evil.test',
    '/..//evil.test',
    '/.///evil.test',
  ];
  const absolute = ['http://evil.test/', 'https://app.test@evil.test', 'http://app.test/', script, 'data:text/html,x'];
  const noPaths = ['', '?x', '#f', 'ok', '.', '..', '*', `/${'a'.repeat(3_072)}`];
  const evil = [...toHosts, ...withControls, ...withDots, ...absolute, ...noPaths];
  for (const next of evil) {
    const answer = await signInWith(next);
    assert.equal(answer.status, 303, JSON.stringify(next));
    assert.equal(answer.headers['location'], home, JSON.stringify(next));
  }
  assert.equal((await send(app, 'POST', '/fixture/sign-in', { body: {} })).headers['location'], home);
  for (const next of [['/ok'], ['/ok', '//evil.test'], { 0: '/' }, 1, null, undefined, true, Object('/ok')])
    assert.equal(safeRedirect(next, home), home);
});

attack('Q441', 'encoded slashes and tabs stay on this host', async () => {
  for (const next of [
    '/%2f%2fevil.test',
    '/%09/evil.test',
    '/%5cevil.test',
    '/x/%2e%2e/%2fevil.test',
    '/;//evil.test',
    '/@evil.test',
    '/a//evil.test',
  ]) {
    const answer = await signInWith(next);
    assert.equal(answer.status, 303);
    assert.equal(destination(answer).origin, 'http://app.test', next);
  }
});

attack('Q441', 'no combination of the characters that URL parsers treat specially leaves this host', () => {
  const parts = ['/', '\\', '.', '..', '%2e', '\t', '\n', ' ', ':', '@', '?', '#', ';', '%2f', '%5c', 'e.test'];
  let kept = 0;
  const tryAll = (text: string, depth: number): void => {
    const location = safeRedirect(text, home);
    const there = new URL(location, 'https://app.test/a/b?c');
    assert.equal(there.origin, 'https://app.test', JSON.stringify(text));
    assert.ok(!there.pathname.startsWith('//'), JSON.stringify(text));
    if (location !== home) kept += 1;
    if (depth > 0) for (const part of parts) tryAll(text + part, depth - 1);
  };
  tryAll('', 4);
  assert.ok(kept > 1_000, 'honest paths are refused');
});

attack('Q441', 'a forged Host that the way back names too', async () => {
  assert.equal((await signInWith('/ok')).headers['location'], '/ok');
  const forged = await send(app, 'POST', '/fixture/sign-in', { headers: { host: 'evil.test' }, body: { next: 'http://evil.test/' } });
  assert.equal(forged.status, 421);
  assert.equal(forged.headers['location'], undefined);
  assert.equal((await signInWith('http://evil.test/')).headers['location'], home);
});

attack('Q441', 'an external target that is not listed, and one that is: nobody leaves without a click', async () => {
  for (const id of ['unknown', 'constructor', '__proto__', 'toString', 'https:%2f%2fevil.test', 'Partner', 'partner%20']) {
    const answer = await send(app, 'GET', `/fixture-leave/${id}`, { headers: browser });
    assert.equal(answer.status, 404, id);
    assert.equal(answer.headers['location'], undefined);
  }
  const { status, headers, text } = await send(app, 'GET', '/fixture-leave/partner', { headers: browser });
  assert.equal(status, 200);
  assert.equal(headers['location'], undefined);
  assert.equal(headers['refresh'], undefined);
  assert.ok(text.includes('href="https://partner.test/a?b=1&amp;c=%22%3Cscript%3E"'), text);
  assert.doesNotMatch(text, /<script|http-equiv|\son\w+=/i);
});

attack('Q441', 'a listed target that is no plain https URL stops the start', () => {
  assert.doesNotThrow(() => leaveModule({ ok: 'https://partner.test/' }));
  for (const target of [
    'http://partner.test/',
    script,
    'https://bank.test@evil.test/',
    'data:text/html,x',
    '//evil.test',
    'partner.test',
  ]) {
    assert.throws(() => leaveModule({ bad: target }), /external target bad/, target);
  }
});

const root = join(import.meta.dirname, '../..');
const redirecting = [
  /\.redirect\(/,
  /\bheaders\s*:\s*\{[^{}]*\blocation\b/i,
  /\.(?:setHeader|appendHeader|headers?|set|append|writeHead)\((?:[^()]|\([^()]*\))*(?:\{\s*|,\s*|['"])location\b/i,
  /\b(?:status|statusCode|code|writeHead)\b['"]?\s*[:=(,]\s*30[12378]\b/,
];

/** The source files that redirect by themselves. */
const filesThatRedirect = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => redirecting.some((pattern) => pattern.test(readFileSync(path, 'utf8'))))
    .map((path) => path.slice(folder.length + 1).replaceAll('\\', '/'))
    .toSorted();

attack('Q441', 'every place that redirects uses the helper', () => {
  const reviewed = [
    // 201: the path of what was created.
    'protections/app-core/reply.ts',
    // 308 to the https origin of BASE_URL.
    'protections/host-check/express.ts',
    'protections/host-check/fastify.ts',
    // 303 to another origin, of the configuration.
    'protections/host-check/other-origin.ts',
    // The helper.
    'protections/redirects/core.ts',
  ];
  const found = filesThatRedirect(join(root, 'src'));
  assert.ok(found.includes('protections/redirects/core.ts'), 'the scan is blind');
  assert.deepEqual(
    found.filter((file) => !reviewed.includes(file)),
    [],
  );
});

attack('G3', 'a stranger whom the handler redirects first: what it guards does not happen', async () => {
  rows.add('1');
  const answer = await send(app, 'DELETE', '/fixture/rows/1', { headers: browser });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers['location'], signIn);
  assert.equal(answer.text, '');
  assert.ok(rows.has('1'));
  assert.equal((await send(app, 'DELETE', '/fixture/rows/1', { headers: as('alice') })).status, 204);
  assert.ok(!rows.has('1'));
});

attack('G3', 'a program is refused and not shown a page that looks like success', async () => {
  rows.add('2');
  for (const headers of [program, {}, { accept: '*/*' }]) {
    const answer = await send(app, 'DELETE', '/fixture/rows/2', { headers });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers['location'], undefined);
  }
  assert.ok(rows.has('2'));
  assert.equal((await send(app, 'DELETE', '/fixture/rows/2', { headers: { ...program, ...as('alice') } })).status, 204);
});

attack('G3', 'a redirect after a POST makes the browser ask by GET', async () => {
  const answer = await signInWith('/ok');
  assert.equal(answer.status, 303);
  assert.equal(answer.text, '');
});

attack('G3', 'an abort that reports success, or a redirect', () => {
  assert.equal(new Problem(404).status, 404);
  for (const status of [200, 204, 303, 399, 600, 0, -401, 401.5, Number.NaN])
    assert.throws(() => new Problem(status), RangeError, String(status));
});

/** Lints `code` as a file of this project; the names of our rules that it broke, in the order of the file. */
const lint = (code: string): string[] => {
  const folder = mkdtempSync(join(root, 'lint-fixture-'));
  try {
    const file = join(folder, 'fixture.ts');
    writeFileSync(file, code);
    const oxlint = join(root, 'node_modules/.bin/oxlint');
    const { status, stdout, stderr } = spawnSync(oxlint, ['-c', '.oxlintrc.json', '--format=unix', file], { cwd: root, encoding: 'utf8' });
    const output = stdout + stderr;
    const rules = [...output.matchAll(/fixture\.ts:(\d+):.*redirects\(([\w-]+)\)/g)].map(([, line, rule = '']) => ({
      line: Number(line),
      rule,
    }));
    assert.equal(status === 0, rules.length === 0, output);
    return rules.toSorted((a, b) => a.line - b.line).map(({ rule }) => rule);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const declarations = `
import { Problem } from '#src/protections/app-core/problem.ts';
import type { Reply } from '#src/protections/app-core/reply.ts';
import type { OwnPath } from '#src/protections/host-check/own-path.ts';
import { redirectTo } from '#src/protections/redirects/core.ts';
export declare const remove: () => void;
export declare const path: OwnPath;
`;
const honest = `${declarations}
export const a = (done: boolean): Reply<never> => {
  if (!done) return redirectTo(path);
  throw new Problem(404);
};
export const b = (done: boolean): Reply<never> | undefined => (done ? redirectTo(path) : undefined);
export const c = (): Problem => new Problem(403);
export const d = { location: 'Berlin', headers: { etag: '"1"' } };
`;

attack('G3', 'a redirect that is not returned, a problem that is not thrown: the linter refuses', () => {
  assert.deepEqual(lint(honest), []);
  const unreturned = [
    'redirectTo(path); remove();',
    'if (path) redirectTo(path); remove();',
    'const reply = redirectTo(path); remove(); return reply;',
  ];
  const unthrown = ['const x = 1; new Problem(401); remove(); return x;', 'if (path) { new Problem(401); } remove();'];
  const bodies = [...unreturned, ...unthrown].map((body, index) => `export const f${index} = (): unknown => { ${body} };\n`);
  assert.deepEqual(lint(declarations + bodies.join('')), [
    ...unreturned.map(() => 'return-redirect'),
    ...unthrown.map(() => 'throw-problem'),
  ]);
});

attack('Q441', 'a redirect past the helper: the linter refuses', () => {
  assert.deepEqual(lint(honest), []);
  const native = `
export declare const reply: { redirect(url: string): void; header(name: string, value: string): void };
export declare const next: string;
`;
  const raw = ['reply.redirect(next)', "reply.header('Location', next)", '({ status: 303, headers: { location: next } })'];
  const lines = raw.map((code, index) => `export const f${index} = () => ${code};\n`);
  assert.deepEqual(
    lint(native + lines.join('')),
    raw.map(() => 'no-raw-redirect'),
  );
});
