import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { foreignClosure } from '../../src/foreign/choice.ts';
import { type Findings, chooseApp, inspect } from '../../src/foreign/inspect.ts';
import { placementOf } from '../../src/foreign/placement.ts';
import { plainStyle, styleOf } from '../../src/foreign/style.ts';
import { formatLock, parseLock } from '../../src/lock.ts';
import { plan } from '../../src/plan.ts';
import { catalogue, scratch, wish } from './fixtures.ts';

type Files = Readonly<Record<string, string>>;

const express = JSON.stringify({ name: 'api', type: 'module', dependencies: { express: '^5.0.0' } });
const tsconfig = '{\n  // strict\n  "compilerOptions": { "strict": true, "module": "nodenext", },\n}\n';
const app = "import express from 'express';\nexport const app = express();\n";

const repoWith = async (files: Files): Promise<string> => {
  const root = await scratch();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return root;
};

const found = async (files: Files): Promise<Findings> => inspect(await repoWith(files), catalogue.foreign.packages);

describe('a repo is read', () => {
  test('with comments and commas in its tsconfig', async () => {
    const { tsconfig: facts, system, candidates } = await found({ 'package.json': express, 'tsconfig.json': tsconfig, 'src/app.ts': app });
    expect([facts.strictness, facts.module, system, candidates.map(({ file, name }) => `${file}#${name}`)]).toEqual(['strict', 'nodenext', 'ESM', ['src/app.ts#app']]);
  });

  test('with options that its tsconfig extends, its package manager and its database', async () => {
    const { tsconfig: facts, facts: manifest } = await found({
      'package.json': JSON.stringify({ dependencies: { express: '^4.0.0', kysely: '1' }, scripts: { test: 'c8 mocha' } }),
      'tsconfig.json': '{ "extends": "./tsconfig.base.json" }',
      'tsconfig.base.json': '{ "compilerOptions": { "module": "commonjs", "exactOptionalPropertyTypes": true } }',
      'yarn.lock': '',
      'app.ts': app,
    });
    expect([facts.module, facts.strictness, manifest.packageManager, manifest.database, manifest.runner, manifest.major]).toEqual(['commonjs', 'not strict, exactOptionalPropertyTypes', 'yarn', 'Kysely', 'mocha', 4]);
  });

  test('where the app is in no usual place', async () => {
    const { candidates } = await found({ 'package.json': express, 'tsconfig.json': tsconfig, 'services/http/setup/web.ts': app, 'test/app.test.ts': app, 'node_modules/x/app.ts': app });
    expect(candidates.map(({ file }) => file)).toEqual(['services/http/setup/web.ts']);
  });

  test('and what protects it already is found with its line', async () => {
    const { present } = await found({
      'package.json': express,
      'tsconfig.json': tsconfig,
      'src/app.ts': `import helmet from 'helmet';\nimport session from 'express-session';\n${app}app.use(helmet());\napp.use(express.urlencoded());\napp.use((error, req, res, next) => next(error));\n// import cors from 'cors';\n`,
    });
    expect(present.map(({ name, line }) => `${name}:${line}`)).toEqual(expect.arrayContaining(['helmet:1', 'express-session:2', 'body parser:6', 'error handler:7']));
  });
});

describe('a repo is refused', () => {
  const refusal = async (files: Files): Promise<string> => found(files).then(() => '', (error: unknown) => (error instanceof Error ? error.message : ''));

  test.each([
    ['no package.json', {}, 'has no package.json'],
    ['a package.json that is no JSON', { 'package.json': '{' }, 'package.json is not a JSON object'],
    ['both frameworks', { 'package.json': JSON.stringify({ dependencies: { express: '5', fastify: '5' } }) }, 'which of them is the server'],
    ['an old framework', { 'package.json': JSON.stringify({ dependencies: { express: '^3.0.0' } }), 'tsconfig.json': '{}' }, 'only express 4 and 5'],
    ['the root of a monorepo', { 'package.json': '{ "workspaces": ["packages/*"] }', 'packages/api/package.json': express }, '--cwd packages/api'],
    ['a tsconfig that cannot be read', { 'package.json': express, 'tsconfig.json': '{ "compilerOptions": ' }, 'tsconfig.json cannot be read'],
    ['bytes that are no text', { 'package.json': `${express}\u0000`, 'tsconfig.json': tsconfig }, 'package.json is not text'],
    ['a file that nobody wrote by hand', { 'package.json': express + ' '.repeat(1_000_000), 'tsconfig.json': tsconfig }, 'are not read'],
  ])('%s', async (_name, files, message) => {
    expect(await refusal(files)).toContain(message);
  });

  test('a file that is a link out of it', async () => {
    const outside = await repoWith({ 'package.json': express });
    const root = await repoWith({ 'tsconfig.json': tsconfig });
    symlinkSync(path.join(outside, 'package.json'), path.join(root, 'package.json'));
    expect(() => inspect(root, {})).toThrow('leads out of the repo');
  });

  test('a source file that leads out of it is not read', async () => {
    const outside = await repoWith({ 'app.ts': app });
    const root = await repoWith({ 'package.json': express, 'tsconfig.json': tsconfig });
    mkdirSync(path.join(root, 'src'));
    symlinkSync(path.join(outside, 'app.ts'), path.join(root, 'src/app.ts'));
    expect(inspect(root, {}).candidates).toEqual([]);
  });

  test('a place where no app is made', async () => {
    const findings = await found({ 'package.json': express, 'tsconfig.json': tsconfig, 'src/app.ts': app });
    await expect(chooseApp(findings, 'src/other.ts')).rejects.toThrow('Known: --app src/app.ts#app');
    await expect(chooseApp({ ...findings, candidates: [] }, undefined)).rejects.toThrow('no file calls express()');
  });
});

describe('what can be brought', () => {
  test('brings along what it requires there', () => {
    expect(foreignClosure(['cors'], catalogue)).toEqual(['app-core', 'cors', 'host-check']);
    expect(foreignClosure(['redirects'], catalogue)).toEqual(['app-core', 'redirects']);
  });

  test('is said by the protections themselves; each has attacks for such a repo', () => {
    const able = Object.values(catalogue.protections).flatMap(({ manifest }) => (manifest.foreign === undefined ? [] : [manifest]));
    expect(able.length).toBeGreaterThan(8);
    for (const { id, foundation } of able) {
      const files = (catalogue.foreign.protections[id] ?? []).map((file) => file.path);
      expect(foundation === true || files.includes(`tests/attacks/${id}.attack.test.ts`), id).toBe(true);
    }
  });
});

describe('the style of a text', () => {
  test.each([
    ["const a = 'x';\nif (a) {\n  b();\n}\n", plainStyle],
    ['const a = "x"\nif (a) {\n\tb("y")\n}', { ...plainStyle, quotes: '"', semicolons: false, indent: '\t', finalNewline: false }],
    ["const a = 'x';\r\nif (a) {\r\n    b();\r\n    if (b) {\r\n        c();\r\n    }\r\n}\r\n", { ...plainStyle, indent: '    ', eol: '\r\n' }],
  ])('%j', (text, style) => {
    expect(styleOf(text)).toEqual(style);
  });
});

describe('the lock of such a repo', () => {
  const placement = { home: 'src/secure-app', tests: 'test/secure-app', suffix: '.test', runner: 'vitest', ending: '.js', style: plainStyle, app: 'src/app.ts#buildApp' } as const;

  test('reads back as it was written', () => {
    const state = { ...plan(wish({ preset: 'minimal' }), catalogue), foreign: placement };
    expect(parseLock(formatLock({ state, files: {} })).state).toEqual(state);
  });

  test.each([
    ['leaves the repo', { home: '../x' }],
    ['is absolute', { tests: '/tmp/x' }],
    ['is the memory of the tool', { home: '.secure-app/x' }],
    ['names a runner that is none', { runner: 'bash' }],
    ['holds code', { style: { ...plainStyle, indent: '";' } }],
    ['names an app outside', { app: '../app.ts#app' }],
    ['names an app that is no name', { app: 'src/app.ts#a b' }],
  ])('is not believed when it %s', (_name, part) => {
    expect(placementOf({ ...placement, ...part })).toBeUndefined();
  });
});
