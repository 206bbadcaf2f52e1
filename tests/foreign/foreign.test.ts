import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { onlyInserts } from '../../src/patch/outcome.ts';
import { add, filesOf, foreignRepo } from './repo.ts';
import { outputOf, start } from './server.ts';

interface Shape {
  readonly repo: string;
  /** Flags that the repo needs. */
  readonly flags?: readonly string[];
  /** Sentences that tell what was found. */
  readonly found: readonly string[];
  /** The compiled program, or the source where Node runs it. */
  readonly program: string;
  /** Whether failures are answered by the protection. */
  readonly errors?: boolean;
  /** Runs what is compiled with the extensions rewritten. */
  readonly rewrite?: boolean;
  /** The repo is run through a bundler only. */
  readonly needsBundler?: boolean;
  readonly protections?: readonly string[];
}

const hooks = ['headers', 'host-check', 'csrf', 'request-hygiene', 'rate-limit'];
const all = [...hooks, 'errors', 'redirects'];

const shapes: readonly Shape[] = [
  { repo: 'express5-esm-module', found: ['express 5, ESM', 'at the top of the module: src/server.ts#app', 'with .js', 'tests: vitest'], program: 'src/server.js' },
  { repo: 'express5-crlf-default-export', found: ['express 5, ESM', 'src/app.ts#app', 'double quotes, semicolons, 2 spaces, CRLF', 'tests: node:test'], program: 'src/server.js' },
  { repo: 'express5-routes-in-callback', found: ['express 5', 'src/index.ts#app'], program: 'src/index.js', errors: false, protections: hooks },
  { repo: 'express5-already-hardened', flags: ['--keep', 'helmet', '--keep', 'error handler', '--keep', 'cors'], found: ['helmet (response headers), src/app.ts:3', 'cors (CORS), src/app.ts:1', 'error handler', 'body parser'], program: 'src/app.js', errors: false },
  { repo: 'express4-cjs-class', found: ['express 4, CommonJS', 'in a class: src/app.ts#App, called this.app', '4 spaces', 'tests: jest', 'node-postgres'], program: 'src/server.js' },
  { repo: 'express4-cjs-property', found: ['express 4, CommonJS', 'in a class: src/index.ts#Server, called this.api', 'tests: mocha'], program: 'src/index.js' },
  { repo: 'express4-monorepo-alias', found: ['pnpm, the package packages/api of a monorepo', 'in a function: src/create-app.ts#createApp', 'aliases @/', 'without an extension'], program: 'src/main.js', needsBundler: true },
  { repo: 'fastify5-esm-factory', found: ['fastify 5, ESM', 'src/app.ts#buildApp', 'exactOptionalPropertyTypes', 'with .ts', 'double quotes, no semicolons, tabs'], program: 'src/main.js', rewrite: true },
  { repo: 'fastify5-type-provider', found: ['fastify 5', 'no newline at the end', 'node:test in tests'], program: 'src/index.js', rewrite: true },
  { repo: 'fastify5-two-apps', flags: ['--app', 'src/apps.ts#buildPublic'], found: ['src/apps.ts#buildPublic'], program: 'src/main.js' },
  { repo: 'fastify4-esm-module', found: ['fastify 4, ESM', 'server/index.ts#app', 'tabs'], program: 'server/index.js' },
  { repo: 'fastify4-cjs-autoload', flags: ['--app', 'src/app.ts#app'], found: ['fastify 4, CommonJS', 'as a plugin that loads folders: src/app.ts#app, called fastify', 'tests: tap'], program: 'src/server.js' },
];

const isTheirs = (file: string): boolean => !file.includes('secure-app') && !/^(?:SECURITY\.md|\.env\.example)$/.test(file);

describe.each(shapes)('$repo', ({ repo, flags = [], found, protections = all }) => {
  test('is understood; what is brought compiles, is only put in, and nothing is added twice', async () => {
    const root = await foreignRepo(repo);
    const before = filesOf(root);
    const { told } = await add(root, ...protections, ...flags);
    for (const sentence of found) expect(told).toContain(sentence);
    const after = filesOf(root);
    const changed = [...before].filter(([file, text]) => after.get(file) !== text).map(([file]) => file);
    expect(changed.length).toBeGreaterThan(0);
    for (const [file, text] of before) {
      const now = after.get(file) ?? '';
      expect(onlyInserts(text, now), file).toBe(true);
    }
    const endings = before.get(changed.find((file) => file.endsWith('.ts')) ?? '')?.includes('\r\n') === true;
    const ours = [...after].filter(([file]) => file.includes('secure-app/') && file.endsWith('.ts'));
    for (const [file, text] of ours) expect(/(?<!\r)\n/.test(text), file).toBe(!endings);
    expect([...after.keys()].filter((file) => !before.has(file) && isTheirs(file))).toEqual([]);

    const again = await add(root, ...protections, ...flags);
    expect([...again.puts.keys(), ...again.removes.keys()]).toEqual([]);
    expect(filesOf(root)).toEqual(after);
  });
});

/** Aliases of paths are resolved by a bundler; what the compiler alone makes of them cannot be run. */
const running = shapes.filter(({ needsBundler = false }) => !needsBundler);

describe.each(running)('$repo, compiled and started', ({ repo, flags = [], program, errors = true, rewrite = false, protections = all }) => {
  test('goes on as before, and refuses the attacks', async () => {
    const root = await foreignRepo(repo);
    await add(root, ...protections, ...flags);
    const output = await outputOf(root, { rewrite });
    const send = await start(path.join(output, program));

    const hello = await send('GET', '/hello');
    expect([hello.status, hello.text]).toEqual([200, '{"hello":"world"}']);
    const echo = await send('POST', '/echo', {}, '{"a":1}');
    expect([echo.status, echo.text]).toEqual([200, '{"a":1}']);

    expect(hello.headers['x-content-type-options']).toBe('nosniff');
    expect(hello.headers['x-frame-options']).toBeDefined();
    expect(hello.headers['x-powered-by']).toBeUndefined();
    expect((await send('POST', '/echo', { origin: 'https://evil.test' }, '{}')).status).toBe(403);
    expect((await send('POST', '/echo', { 'sec-fetch-site': 'cross-site' }, '{}')).status).toBe(403);
    expect((await send('GET', '/hello', { host: 'evil.test' })).status).toBe(421);
    expect((await send('GET', '//hello')).status).toBe(400);
    const failed = await send('GET', '/fails');
    expect(failed.status).toBe(500);
    expect(failed.headers['x-content-type-options']).toBe('nosniff');
    expect(errors && failed.text.includes('hunter2')).toBe(false);
  });
});

test('what is replaced is commented out, and the app does its job', async () => {
  const root = await foreignRepo('express5-already-hardened');
  await add(root, 'headers', 'cors', '--replace', 'helmet', '--replace', 'cors');
  const text = readFileSync(path.join(root, 'src/app.ts'), 'utf8');
  expect(text).toContain('  // app.use(helmet());\n  // app.use(cors(');
  const send = await start(path.join(await outputOf(root, { rewrite: false }), 'src/app.js'), { CORS_ORIGINS: 'https://spa.test' });
  expect((await send('GET', '/hello', { origin: 'https://spa.test' })).headers['access-control-allow-origin']).toBe('https://spa.test');
  expect((await send('GET', '/hello')).headers['referrer-policy']).toBe('no-referrer');
});

describe('the tests that are brought', () => {
  test.each([
    { repo: 'express5-esm-module', command: ['vitest', 'run', '--root', '.'] },
    { repo: 'fastify5-esm-factory', command: ['node', '--test', 'test/**/*.test.ts'] },
  ])('run in the runner of $repo', async ({ repo, command: [file = '', ...args] }) => {
    const root = await foreignRepo(repo);
    await add(root, ...all, 'cors');
    const { stdout } = await execa(file, args, { cwd: root, preferLocal: true, localDir: path.resolve(import.meta.dirname, '../..') });
    expect(stdout).toMatch(/30/);
  });
});

describe('what is refused', () => {
  const refusal = async (repo: string, ...words: readonly string[]): Promise<string> => {
    const root = await foreignRepo(repo);
    const before = filesOf(root);
    const error: unknown = await add(root, ...words).then(() => undefined, (reason: unknown) => reason);
    expect(filesOf(root)).toEqual(before);
    return error instanceof Error ? `${error.message}\n${'output' in error ? String(error.output) : ''}` : '';
  };

  test.each([
    ['express4-javascript-jsdoc', 'This repo is JavaScript'],
    ['fastify5-no-tsconfig', 'There is no tsconfig.json'],
    ['express5-syntax-error', 'src/app.ts:5 has a syntax error'],
    ['koa-server', 'neither fastify nor express'],
    ['fastify5-verbatim-cjs', 'verbatimModuleSyntax'],
    ['fastify5-two-apps', '--app src/apps.ts#buildAdmin or --app src/apps.ts#buildPublic'],
    ['express5-already-hardened', '--keep helmet'],
    ['express5-returned-app', 'secureApp(app);'],
  ])('%s', async (repo, message) => {
    expect(await refusal(repo, 'headers')).toContain(message);
  });

  test('a protection that stands on what only our apps have', async () => {
    expect(await refusal('express5-esm-module', 'sessions')).toContain('cannot be brought to a repo that was there before');
    expect(await refusal('express5-esm-module', 'heders')).toContain('Did you mean "headers"?');
  });

  test('routes that are added in a callback: the text to paste, and where', async () => {
    const told = await refusal('express5-routes-in-callback', 'errors');
    expect(told).toContain('secureErrors(app);');
    expect(told).toContain('behind the last route');
  });

  test('an --app that is none names what was meant', async () => {
    expect(await refusal('fastify5-two-apps', 'headers', '--app', 'src/apps.ts#buildPublc')).toContain('Did you mean --app src/apps.ts#buildPublic');
  });
});

test('of our own words nothing stays that the repo would write otherwise', async () => {
  const root = await foreignRepo('fastify5-esm-factory');
  await add(root, 'headers');
  expect(existsSync(path.join(root, '.secure-app/lock.json'))).toBe(true);
  const text = readFileSync(path.join(root, 'src/secure-app/index.ts'), 'utf8');
  expect(text).not.toMatch(/;$/m);
  expect(text).toContain('from "./http/assemble.ts"');
  expect(text).toContain('\tconst context');
});
