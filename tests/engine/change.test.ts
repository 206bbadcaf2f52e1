import { appendFileSync, chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { sha256 } from '../../src/digest.ts';
import { basePathOf, lockPath } from '../../src/lock.ts';
import { scratch } from './fixtures.ts';

const cli = path.join(repositoryRoot, 'bin/create-secure-app.js');
const env = { CI: '1', NO_COLOR: '1', npm_config_user_agent: 'npm/11.16.0 node/v24.21.0 linux x64', GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org', GIT_CONFIG_GLOBAL: '/dev/null' };

const run = (args: readonly string[], cwd: string) => execa(process.execPath, [cli, ...args], { cwd, env, reject: false, stdin: 'ignore', timeout: 30_000, stripFinalNewline: false });
const git = (cwd: string, ...args: readonly string[]) => execa('git', args, { cwd, env });

/** A file of every app that nothing else depends on. */
const subject = 'src/http/clock.ts';

const created = async (...more: readonly string[]): Promise<string> => {
  const parent = await scratch();
  const { exitCode, stderr } = await run(['app', '--yes', '--name', 'app', '--preset', 'minimal', '--no-install', '--no-git', ...more], parent);
  expect(exitCode, stderr).toBe(0);
  return path.join(parent, 'app');
};

const versioned = async (root: string): Promise<string> => {
  await git(root, 'init', '--quiet', '--initial-branch=main');
  await git(root, 'add', '--all');
  await git(root, 'commit', '--quiet', '--message', 'first');
  return root;
};

const read = (root: string, file: string): string => readFileSync(path.join(root, file), 'utf8');
const write = (root: string, file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};

/** Makes the app one that was emitted when a file still had another text. */
const age = (root: string, file: string, older: (text: string) => string): void => {
  const text = older(read(root, file));
  write(root, file, text);
  write(root, basePathOf(file), text);
  const lock: { files: Record<string, string> } = JSON.parse(read(root, lockPath));
  lock.files[file] = sha256(text);
  write(root, lockPath, `${JSON.stringify(lock, null, 2)}\n`);
};

/** Everything in a folder, byte for byte, with modes; without git's own and what could be taken back. */
const everything = (root: string): string =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/^\.git(?:\/|$)|^\.secure-app\/undo/.test(name))
    .toSorted()
    .map((name) => {
      const place = path.join(root, name);
      const stats = lstatSync(place);
      return stats.isFile() ? `${name} ${(stats.mode & 0o777).toString(8)} ${sha256(readFileSync(place, 'latin1'))}` : name;
    })
    .join('\n');

let wide = '';
beforeAll(async () => {
  const { stdout } = await run(['app', '--yes', '--json', '--name', 'app', '--preset', 'minimal', '--with', 'csv', '--dry-run'], repositoryRoot);
  wide = stdout;
});

describe('add', () => {
  test('gives the app that create would have given, and --undo the one that was there', async () => {
    const root = await created();
    const before = everything(root);
    const { exitCode, stdout } = await run(['add', 'csv', '--json'], root);
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { ok: true, command: 'add', conflicts: [] }]);
    const { changes }: { changes: { path: string }[] } = JSON.parse(wide);
    const both = await created('--with', 'csv');
    const inBoth = everything(both).split('\n').filter((line) => !line.startsWith('.env '));
    expect(everything(root).split('\n').filter((line) => !line.startsWith('.env '))).toEqual(inBoth);
    for (const { path: file } of changes) expect(existsSync(path.join(root, file)), file).toBe(true);
    expect((await run(['--undo'], root)).exitCode).toBe(0);
    expect(everything(root)).toBe(before);
    const again = await run(['--undo'], root);
    expect([again.exitCode, again.stderr]).toEqual([1, expect.stringContaining('no change to take back')]);
  });

  test.each(['--dry-run', '--diff'])('%s says what would be done, and does nothing', async (flag) => {
    const root = await created();
    const before = everything(root);
    const { exitCode, stdout } = await run(['add', 'csv', flag], root);
    expect([exitCode, stdout.includes('src/protections/csv/core.ts')]).toEqual([0, true]);
    expect([everything(root), existsSync(path.join(root, '.secure-app/undo'))]).toEqual([before, false]);
  });

  test('twice changes nothing', async () => {
    const root = await created('--with', 'csv');
    const before = everything(root);
    const { exitCode, stdout } = await run(['add', 'csv'], root);
    expect([exitCode, stdout, everything(root)]).toEqual([0, expect.stringContaining('Nothing to do'), before]);
  });

  test('mints new secrets into .env, and leaves every other line alone', async () => {
    const root = await created();
    const mine = '# mine\nPORT = 8080\r\nMY_KEY="a=b"';
    writeFileSync(path.join(root, '.env'), mine, { mode: 0o640 });
    chmodSync(path.join(root, '.env'), 0o640);
    const { stdout, exitCode } = await run(['add', 'file-permissions', 'database', '--json'], root);
    const { secrets }: { secrets: string[] } = JSON.parse(stdout);
    const after = read(root, '.env');
    expect([exitCode, secrets.length > 0, after.startsWith(mine), statSync(path.join(root, '.env')).mode & 0o777]).toEqual([0, true, true, 0o640]);
    for (const name of secrets) expect(after).toMatch(new RegExp(`^${name}=[\\w-]{20,}\r?$`, 'm'));
    // The record of the change holds no secret.
    expect(existsSync(path.join(root, '.secure-app/undo/old/.env'))).toBe(false);
    expect((await run(['--undo'], root)).exitCode).toBe(0);
    expect(read(root, '.env')).toBe(mine);
    expect(existsSync(path.join(root, '.secure-app/undo'))).toBe(false);
  });

  test('keeps what somebody made of the registry', async () => {
    const root = await created();
    const registry = 'src/protections/index.ts';
    write(root, registry, read(root, registry).replaceAll("'", '"').replace(/^];/m, '  mine(),\n];').replace(/^import type/m, 'import { mine } from "#src/mine.ts";\nimport type'));
    expect((await run(['add', 'rate-limit'], root)).exitCode).toBe(0);
    const after = read(root, registry);
    for (const part of ['  mine(),\n', 'import { mine } from "#src/mine.ts";', '  rateLimit(']) expect(after).toContain(part);
    expect(after).not.toContain("'./rate-limit");
  });
});

describe('a working tree of git', () => {
  test('with changes that are not committed is refused, unless told', async () => {
    const root = await versioned(await created());
    appendFileSync(path.join(root, 'README.md'), '\nMine.\n');
    const before = everything(root);
    const { exitCode, stderr } = await run(['add', 'csv'], root);
    expect([exitCode, stderr, everything(root)]).toEqual([1, expect.stringContaining('not committed (README.md)'), before]);
    expect((await run(['add', 'csv', '--allow-dirty'], root)).exitCode).toBe(0);
    expect(read(root, 'README.md')).toContain('\nMine.\n');
  });

  test('tells where a file went: moved files are followed', async () => {
    const root = await created();
    age(root, subject, (text) => `${text}export const old = 1;\n`);
    await versioned(root);
    mkdirSync(path.join(root, 'lib'));
    await git(root, 'mv', subject, 'lib/time.ts');
    await git(root, 'commit', '--quiet', '--message', 'move');
    const { exitCode, stderr } = await run(['upgrade'], root);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('1')]);
    expect([existsSync(path.join(root, subject)), read(root, 'lib/time.ts').includes('old = 1')]).toEqual([false, false]);
  });

  test('gives back the base over which a formatter went', async () => {
    const root = await created();
    age(root, subject, (text) => `${text}export const old = 'x';\n`);
    await versioned(root);
    for (const file of [subject, basePathOf(subject)]) write(root, file, read(root, file).replaceAll("'", '"').replaceAll('  ', '\t'));
    write(root, subject, `${read(root, subject).replace('export const old = "x";\n', '')}\nexport const mine = 1;\nexport const old = "x";\n`);
    await git(root, 'commit', '--quiet', '--all', '--message', 'format');
    const { exitCode, stderr } = await run(['upgrade'], root);
    expect(exitCode, stderr).toBe(0);
    expect([read(root, subject).includes('mine = 1'), read(root, subject).includes('old =')]).toEqual([true, false]);
  });

  test('shows conflicts as unmerged; running again goes on; choosing ends it', async () => {
    const root = await created();
    age(root, subject, (text) => text.replace(/\n[^\n]+\n$/, '\nexport const old = 1;\n'));
    write(root, subject, read(root, subject).replace('old = 1', 'old = 2'));
    await versioned(root);
    const before = everything(root);
    const { exitCode, stdout } = await run(['upgrade', '--json'], root);
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([2, { ok: false, conflicts: [subject] }]);
    const marked = read(root, subject);
    expect(marked).toMatch(/^<<<<<<< yours\n[\s\S]*old = 2[\s\S]*^=======\n[\s\S]*^>>>>>>> create-secure-app /m);
    expect((await git(root, 'status', '--porcelain')).stdout).toContain(`UU ${subject}`);
    expect((await git(root, 'show', `:1:${subject}`)).stdout).toContain('old = 1');

    const again = await run(['upgrade'], root);
    expect([again.exitCode, again.stdout, read(root, subject)]).toEqual([2, expect.stringContaining(subject), marked]);

    const chosen = marked.replace(/<<<<<<< .*\n([\s\S]*?)=======\n([\s\S]*?)>>>>>>> .*\n/, '$2// mine\n');
    write(root, subject, chosen);
    expect((await run(['upgrade', '--json'], root)).exitCode).toBe(0);
    expect([read(root, subject), existsSync(path.join(root, '.secure-app/pending'))]).toEqual([chosen, false]);
    expect((await run(['upgrade'], root)).stdout).toContain('Nothing to do');
    expect(before).toContain(subject);
  });

  test('is as it was when a conflict is taken back, in the index as well', async () => {
    const root = await created();
    age(root, subject, (text) => text.replace(/\n[^\n]+\n$/, '\nexport const old = 1;\n'));
    write(root, subject, read(root, subject).replace('old = 1', 'old = 2'));
    await versioned(root);
    const before = everything(root);
    expect((await run(['upgrade'], root)).exitCode).toBe(2);
    expect((await run(['--undo'], root)).exitCode).toBe(0);
    expect([everything(root), (await git(root, 'status', '--porcelain')).stdout]).toEqual([before, '']);
  });
});

describe('remove', () => {
  test('says what is built on what goes, and does nothing until told', async () => {
    const root = await created('--with', 'csv');
    write(root, 'src/mine.ts', "// Mine.\nimport { writeCell } from '#src/protections/csv/cell.ts';\n\nexport default writeCell;\n");
    const before = everything(root);
    const { exitCode, stderr } = await run(['remove', 'csv'], root);
    expect([exitCode, stderr, everything(root)]).toEqual([1, expect.stringContaining('src/mine.ts:2 imports #src/protections/csv/cell.ts'), before]);
    expect((await run(['remove', 'csv', '--yes'], root)).exitCode).toBe(0);
    expect([existsSync(path.join(root, 'src/protections/csv')), existsSync(path.join(root, 'src/mine.ts'))]).toEqual([false, true]);
  });

  test('leaves tables, and offers the migration that drops them', async () => {
    const root = await created('--with', 'sessions');
    const { exitCode, stderr } = await run(['remove', 'sessions', '--with-required', '--yes'], root);
    expect(exitCode, stderr).toBe(0);
    for (const text of ['Its tables stay', 'drop table if exists sessions', "delete from schema_migrations where name in ("]) expect(stderr).toContain(text);
  });

  test('refuses what the skeleton stands on, and what is not there', async () => {
    const root = await created();
    expect((await run(['remove', 'errors'], root)).exitCode).toBe(3);
    expect((await run(['remove', 'csv'], root)).exitCode).toBe(3);
  });
});

describe('an app that cannot be trusted', () => {
  const lockWith = (root: string, change: (lock: Record<string, unknown>) => void): void => {
    const lock: Record<string, unknown> = JSON.parse(read(root, lockPath));
    change(lock);
    write(root, lockPath, JSON.stringify(lock));
  };
  const hostile: [string, (root: string, outside: string) => void][] = [
    ['a lock with a path that leads out', (root) => lockWith(root, (lock) => { lock['files'] = { '../outside': 'a'.repeat(64) }; })],
    ['a lock that is no JSON', (root) => write(root, lockPath, '{')],
    ['a lock that is huge', (root) => write(root, lockPath, ' '.repeat(21_000_000))],
    ['a lock of a newer version', (root) => lockWith(root, (lock) => { lock['version'] = '99.0.0'; })],
    ['a lock that is a symbolic link', (root, outside) => {
      renameSync(path.join(root, lockPath), path.join(outside, 'lock.json'));
      symlinkSync(path.join(outside, 'lock.json'), path.join(root, lockPath));
    }],
    ['a base that was changed, of a file that was edited', (root) => {
      write(root, 'src/protections/index.ts', `${read(root, 'src/protections/index.ts')}// mine\n`);
      write(root, '.secure-app/base/src/protections/index.ts', '// planted\n');
    }],
    ['a base that is gone, of a file that was edited', (root) => {
      write(root, 'src/protections/index.ts', `${read(root, 'src/protections/index.ts')}// mine\n`);
      rmSync(path.join(root, '.secure-app/base'), { recursive: true });
    }],
  ];
  test.each(hostile)('%s is refused, and nothing is changed', async (_, spoil) => {
    const root = await created();
    const outside = await scratch();
    spoil(root, outside);
    const [before, beyond] = [everything(root), everything(outside)];
    const { exitCode, stderr } = await run(['add', 'csv', 'rate-limit'], root);
    expect([everything(root), everything(outside)]).toEqual([before, beyond]);
    expect(exitCode, stderr).toBe(1);
  });

  test.each([
    ['a symbolic link', (root: string, outside: string) => {
      renameSync(path.join(root, 'SECURITY.md'), path.join(outside, 'SECURITY.md'));
      symlinkSync(path.join(outside, 'SECURITY.md'), path.join(root, 'SECURITY.md'));
    }],
    ['a huge file', (root: string) => write(root, 'SECURITY.md', 'x'.repeat(3_000_000))],
    ['bytes that are no text', (root: string) => writeFileSync(path.join(root, 'SECURITY.md'), Buffer.from([0xff, 0xfe, 0, 1]))],
  ] as const)('%s in the place of a file is left as it is, and said', async (_, spoil) => {
    const root = await created();
    const outside = await scratch();
    spoil(root, outside);
    const line = everything(root).split('\n').find((one) => one.startsWith('SECURITY.md'));
    const beyond = everything(outside);
    const { exitCode, stdout } = await run(['add', 'csv'], root);
    expect([exitCode, stdout.includes('SECURITY.md')]).toEqual([2, true]);
    expect([everything(root).split('\n').find((one) => one.startsWith('SECURITY.md')), everything(outside)]).toEqual([line, beyond]);
    expect(existsSync(path.join(root, '.secure-app/pending/SECURITY.md'))).toBe(true);
  });

  test('nothing is written through a folder that leads out of the project', async () => {
    const root = await created();
    const outside = await scratch();
    writeFileSync(path.join(outside, 'theirs.md'), '# Theirs\n');
    rmSync(path.join(root, 'docs'), { recursive: true });
    symlinkSync(outside, path.join(root, 'docs'));
    const { exitCode, stdout } = await run(['add', 'csv'], root);
    expect([exitCode, stdout.includes('docs/security/asvs.md'), readdirSync(outside)]).toEqual([2, true, ['theirs.md']]);
  });

  test('a file that may only be read is replaced, and keeps its mode', async () => {
    const root = await created();
    chmodSync(path.join(root, 'src/protections/index.ts'), 0o444);
    expect((await run(['add', 'rate-limit'], root)).exitCode).toBe(0);
    expect([read(root, 'src/protections/index.ts').includes('rateLimit('), statSync(path.join(root, 'src/protections/index.ts')).mode & 0o777]).toEqual([true, 0o444]);
  });

  test('a record of the last change that leads out is refused', async () => {
    const root = await created();
    write(root, '.secure-app/undo/undo.json', JSON.stringify({ format: 1, command: 'add', entries: [{ path: '../x', before: null, after: 'a'.repeat(64) }], unmerged: [], index: [] }));
    const before = everything(root);
    expect([(await run(['--undo'], root)).exitCode, everything(root)]).toEqual([1, before]);
  });

  test('nothing is taken back over what was edited since', async () => {
    const root = await created();
    expect((await run(['add', 'csv'], root)).exitCode).toBe(0);
    appendFileSync(path.join(root, 'src/protections/csv/core.ts'), '// mine\n');
    const before = everything(root);
    const { exitCode, stderr } = await run(['--undo'], root);
    expect([exitCode, stderr, everything(root)]).toEqual([1, expect.stringContaining('src/protections/csv/core.ts'), before]);
  });
});

test.each([['add'], ['remove'], ['add', 'nope'], ['remove', 'nope'], ['upgrade', 'x'], ['add', 'csv', '--target', 'express'], ['--undo', 'x', 'y']])('%s %s %s %s is bad usage', async (...args) => {
  const root = await created();
  const before = everything(root);
  const { exitCode } = await run(args.filter((arg) => arg !== undefined), root);
  expect([exitCode, everything(root)]).toEqual([3, before]);
});

test('the verbs are generators of plop as well', async () => {
  const root = await created();
  const plop = path.join(repositoryRoot, 'node_modules/plop/bin/plop.js');
  const under = (...args: readonly string[]) => execa(process.execPath, [plop, '--plopfile', path.join(repositoryRoot, 'dist/plopfile.js'), ...args], { cwd: root, env, stdin: 'ignore', reject: false });
  const before = everything(root);
  expect((await under('add', '--', 'csv')).exitCode).toBe(0);
  expect(existsSync(path.join(root, 'src/protections/csv/core.ts'))).toBe(true);
  expect((await under('remove', '--', 'csv', '--with-required')).exitCode).toBe(0);
  expect(everything(root)).toBe(before);
  expect((await under('upgrade', '--', '--dry-run')).exitCode).toBe(0);
  expect((await under('add', '--', 'nope')).exitCode).toBe(1);
});
