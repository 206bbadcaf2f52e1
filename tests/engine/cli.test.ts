import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { scratch } from './fixtures.ts';

const cli = path.join(repositoryRoot, 'bin/create-secure-app.js');
const env = { CI: '', NO_COLOR: '', npm_config_user_agent: 'npm/11.6.0 node/v24.21.0 linux x64' };

const run = (args: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}) =>
  execa(process.execPath, [cli, ...args], { cwd, env: { ...env, ...more }, reject: false, stdin: 'ignore', timeout: 20_000, stripFinalNewline: false });

const quick = ['--no-install', '--no-git', '--no-verify'] as const;

interface Document {
  readonly ok: boolean;
  readonly exitCode?: number;
  readonly changes: readonly { readonly path: string }[];
  readonly nextSteps: readonly string[];
  readonly warnings: readonly string[];
  readonly error?: { readonly message: string };
  readonly state: { readonly target: string; readonly packageManager: string; readonly pinNode: boolean; readonly protections: readonly string[] };
}
const documentOf = (stdout: string): Document => JSON.parse(stdout);

describe('help and version', () => {
  test('--help says every flag on stdout', async () => {
    const { stdout, stderr, exitCode } = await run(['--help'], repositoryRoot);
    for (const flag of ['--target', '--preset', '--with', '--without', '--set', '--pm', '--yes', '--no-install', '--no-git', '--no-verify', '--dry-run', '--diff', '--json', '--cwd', '--verbose']) {
      expect(stdout).toContain(flag);
    }
    expect([stderr, exitCode]).toEqual(['', 0]);
  });

  test('--version says that of package.json', async () => {
    const { version }: { version: string } = JSON.parse(readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8'));
    expect((await run(['--version'], repositoryRoot)).stdout).toBe(`${version}\n`);
  });
});

describe('create', () => {
  test('writes the app, its lock and a private .env, and says how to start it', async () => {
    const cwd = await scratch();
    const { stdout, exitCode } = await run(['my-app', '--yes', ...quick], cwd);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('cd my-app');
    const app = path.join(cwd, 'my-app');
    for (const file of ['package.json', 'tsconfig.json', 'src/protections/index.ts', '.secure-app/lock.json', '.secure-app/base/package.json', '.env.example']) {
      expect(existsSync(path.join(app, file)), file).toBe(true);
    }
    expect(statSync(path.join(app, '.env')).mode & 0o777).toBe(0o600);
    expect(existsSync(path.join(app, '.secure-app/base/.env'))).toBe(false);
    expect(readdirSync(cwd)).toEqual(['my-app']);
  });

  test('never asks without a terminal: a missing folder is an error that says so', async () => {
    const cwd = await scratch();
    const { exitCode, stderr } = await run(quick, cwd);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('create-secure-app <dir>');
  });

  test('fills a folder that holds nothing but .git', async () => {
    const cwd = await scratch();
    mkdirSync(path.join(cwd, 'my-app/.git'), { recursive: true });
    expect((await run(['my-app', '--yes', ...quick], cwd)).exitCode).toBe(0);
    expect(existsSync(path.join(cwd, 'my-app/package.json'))).toBe(true);
    expect(existsSync(path.join(cwd, 'my-app/.secure-app-transaction'))).toBe(false);
  });

  test('refuses a folder that is not empty, and changes nothing', async () => {
    const cwd = await scratch();
    mkdirSync(path.join(cwd, 'my-app'));
    writeFileSync(path.join(cwd, 'my-app/mine.txt'), 'mine');
    const { exitCode, stderr } = await run(['my-app', '--yes', ...quick], cwd);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('not empty (mine.txt)');
    expect(readdirSync(path.join(cwd, 'my-app'))).toEqual(['mine.txt']);
  });

  test('--json prints one document on stdout, and nothing else there', async () => {
    const cwd = await scratch();
    const { stdout, exitCode } = await run(['my-app', '--json', '--target', 'express', '--pm', 'pnpm', ...quick], cwd);
    const document = documentOf(stdout);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ ok: true, command: 'create', state: { target: 'express', packageManager: 'pnpm', pinNode: false } });
    expect(document.changes.map((change) => change.path)).toContain('src/app.ts');
    expect(document.nextSteps).toContain('cd my-app');
  });

  test('--json prints a document when it refuses as well', async () => {
    const { stdout, exitCode } = await run(['my-app', '--json', '--with', 'nope'], await scratch());
    expect(exitCode).toBe(3);
    expect(documentOf(stdout)).toMatchObject({ ok: false, exitCode: 3, changes: [] });
  });

  test.each(['--dry-run', '--diff'])('%s shows the files that create writes, and writes nothing', async (flag) => {
    const cwd = await scratch();
    const { stdout, exitCode } = await run(['my-app', '--yes', flag], cwd);
    expect(exitCode).toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
    const { stdout: made } = await run(['my-app', '--json', ...quick], cwd);
    for (const change of documentOf(made).changes) expect(stdout).toContain(change.path);
  });

  test('--cwd is where paths start', async () => {
    const cwd = await scratch();
    expect((await run(['my-app', '--cwd', cwd, '--yes', ...quick], repositoryRoot)).exitCode).toBe(0);
    expect(readdirSync(cwd)).toEqual(['my-app']);
  });

  test('an older Node of the host is said, and pinned in the app', async () => {
    const cwd = await scratch();
    const { stderr } = await run(['my-app', '--yes', ...quick], cwd, { npm_config_user_agent: 'npm/10.8.2 node/v20.19.0 linux x64' });
    expect(stderr).toContain('Node 20.19.0 is older');
    const manifest: { devDependencies: Record<string, string>; devEngines: unknown; allowScripts: Record<string, boolean> } = JSON.parse(readFileSync(path.join(cwd, 'my-app/package.json'), 'utf8'));
    expect(manifest.devDependencies['node']).toMatch(/^24\./);
    expect(manifest.allowScripts).toEqual({ node: true });
    expect(manifest.devEngines).toEqual({ packageManager: { name: 'npm', version: '>=11.16.0', onFail: 'warn' } });
  });

  test('two runs mint different secrets, and the same bytes otherwise', async () => {
    const cwd = await scratch();
    const lockOf = async (folder: string): Promise<string> => {
      await run([folder, '--name', 'same', '--yes', ...quick], cwd);
      return readFileSync(path.join(cwd, folder, '.secure-app/lock.json'), 'utf8');
    };
    expect(await lockOf('one')).toBe(await lockOf('two'));
    const secretsOf = (folder: string): string[] => readFileSync(path.join(cwd, folder, '.env'), 'utf8').split('\n').filter((line) => /^\w+=/.test(line));
    expect(secretsOf('one').map((line) => line.split('=')[0])).toEqual(expect.arrayContaining(['DB_APP_PASSWORD', 'DB_OWNER_PASSWORD']));
    expect(secretsOf('one').filter((line) => secretsOf('two').includes(line))).toEqual([]);
  });
});

describe('untrusted input', () => {
  const hostile: [string, readonly string[]][] = [
    ['a name that injects code', ['a";process.exit()//']],
    ['a name that ends a string', ["a'b"]],
    ['a name with a newline', ['a\nb']],
    ['a name with a direction mark', ['a\u202eb']],
    ['a reserved name', ['node_modules']],
    ['a name of Windows', ['con']],
    ['a name of a dependency', ['typebox']],
    ['a path that goes up in the middle', ['a/../../b']],
    ['two folders', ['a', 'b']],
    ['an unknown flag', ['a', '--targett', 'express']],
    ['a flag without its value', ['a', '--target']],
    ['a flag that eats a flag', ['a', '--target', '--yes']],
    ['a flag given twice', ['a', '--target', 'express', '--target', 'fastify']],
    ['a value for a switch', ['a', '--yes=no']],
    ['an unknown target', ['a', '--target', 'koa']],
    ['an unknown package manager', ['a', '--pm', 'npx']],
    ['an unknown preset', ['a', '--preset', '__proto__']],
    ['an unknown protection', ['a', '--with', '../../etc']],
    ['a setting that is none', ['a', '--set', 'x']],
    ['a folder for --cwd that is not there', ['a', '--cwd', '/nonexistent/x']],
  ];
  test.each(hostile)('%s is bad usage, and nothing is written', async (_, args) => {
    const cwd = await scratch();
    const { exitCode, stderr, stdout } = await run([...args, ...quick], cwd);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^create-secure-app: .+\n$/);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('says what was meant', async () => {
    expect((await run(['a', '--tagret', 'x'], await scratch())).stderr).toContain('Did you mean --target?');
    expect((await run(['a', '--target', 'expres'], await scratch())).stderr).toContain('Did you mean "express"?');
  });
});

describe('list and explain', () => {
  test('show every protection, also as data', async () => {
    const { stdout } = await run(['list', '--json'], repositoryRoot);
    const { protections }: { protections: { id: string; summary: string }[] } = JSON.parse(stdout);
    const text = (await run(['list'], repositoryRoot)).stdout;
    expect(protections.length).toBeGreaterThan(0);
    for (const { id, summary } of protections) {
      expect(text).toContain(id);
      expect(text).toContain(summary);
    }
    const [first] = protections;
    expect((await run(['explain', first?.id ?? ''], repositoryRoot)).stdout).toContain('What it does not stop');
    expect(JSON.parse((await run(['explain', first?.id ?? '', '--json'], repositoryRoot)).stdout)).toMatchObject({ ok: true, id: first?.id });
  });

  test('explain of what does not exist is bad usage', async () => {
    expect((await run(['explain', 'nope'], repositoryRoot)).exitCode).toBe(3);
    expect((await run(['explain'], repositoryRoot)).exitCode).toBe(3);
  });
});

describe('an interruption', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('by %s while dependencies are installed leaves nothing behind', async (signal) => {
    const cwd = await scratch();
    const bin = path.join(cwd, 'bin');
    mkdirSync(bin);
    // A package manager that never comes to an end.
    writeFileSync(path.join(bin, 'npm'), '#!/bin/sh\nexec sleep 30\n', { mode: 0o755 });
    const child = execa(process.execPath, [cli, 'my-app', '--yes'], { cwd, env: { ...env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` }, reject: false, stdin: 'ignore' });
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (data: Buffer) => {
        if (data.toString().includes('Installing')) setTimeout(resolve, 200);
      });
    });
    child.kill(signal);
    const { exitCode, stderr } = await child;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Interrupted; nothing was created.');
    expect(readdirSync(cwd)).toEqual(['bin']);
  });
});

test('a check that fails leaves nothing behind, and shows the end of what it said', async () => {
  const cwd = await scratch();
  const bin = path.join(cwd, 'bin');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'npm'), '#!/bin/sh\necho "this went wrong"\nexit 7\n', { mode: 0o755 });
  const { exitCode, stderr } = await run(['my-app', '--yes'], cwd, { PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('this went wrong');
  expect(stderr).toContain('ended with 7');
  expect(readdirSync(cwd)).toEqual(['bin']);
});
