import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { scratch } from './fixtures.ts';

const env = { CI: '1', npm_config_user_agent: '' };

/** Packs this package as it would be published, and unpacks it where nothing else is. */
const unpacked = async (): Promise<{ directory: string; files: string[] }> => {
  const directory = await scratch();
  await execa('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', directory], { cwd: repositoryRoot });
  const [packed] = readdirSync(directory).filter((name) => name.endsWith('.tgz'));
  await execa('tar', ['-xzf', packed ?? ''], { cwd: directory });
  return { directory: path.join(directory, 'package'), files: readdirSync(path.join(directory, 'package'), { recursive: true, encoding: 'utf8' }) };
};

describe('the packed package', () => {
  test('holds the tool, its licences and nothing else; it has no runtime dependency', async () => {
    const { directory, files } = await unpacked();
    const tops = new Set(files.map((file) => file.split(path.sep)[0]));
    for (const top of ['LICENSE', 'bin', 'dist', 'package.json']) expect(tops).toContain(top);
    for (const top of tops) expect(['LICENSE', 'README.md', 'bin', 'dist', 'package.json']).toContain(top);
    const manifest: { dependencies?: unknown; private?: boolean } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
    expect([manifest.dependencies, manifest.private]).toEqual([undefined, false]);
    const licences = readFileSync(path.join(directory, 'dist/THIRD-PARTY-LICENCES.txt'), 'utf8');
    for (const name of ['execa', 'handlebars', 'prompts', 'node-plop']) expect(licences).toContain(`${name}@`);
  });

  test('creates an app from where nothing is installed, on this Node', async () => {
    const { directory } = await unpacked();
    const cwd = await scratch();
    const { stdout } = await execa(process.execPath, [path.join(directory, 'bin/create-secure-app.js'), 'my-app', '--yes', '--no-install', '--no-git'], { cwd, env });
    expect(stdout).toContain('Created my-app.');
    expect(readdirSync(path.join(cwd, 'my-app'))).toContain('package.json');
    expect(readdirSync(path.join(cwd, 'my-app'))).toContain('.gitignore');
  });
});

describe('under plop', () => {
  const plop = path.join(repositoryRoot, 'node_modules/plop/bin/plop.js');
  const flags = ['--no-install', '--no-git', '--target', 'express'];

  test('the plopfile of the package creates an app', async () => {
    const cwd = await scratch();
    await execa(process.execPath, [plop, '--plopfile', path.join(repositoryRoot, 'dist/plopfile.js'), 'create', '--', path.join(cwd, 'my-app'), ...flags], { cwd, env, stdin: 'ignore' });
    expect(readdirSync(path.join(cwd, 'my-app'))).toContain('package.json');
  });

  test("somebody's own plopfile loads it", async () => {
    const cwd = await scratch();
    mkdirSync(path.join(cwd, 'theirs'));
    writeFileSync(path.join(cwd, 'theirs/plopfile.mjs'), `export default (plop) => plop.load(${JSON.stringify(path.join(repositoryRoot, 'dist/plopfile.js'))});\n`);
    await execa(process.execPath, [plop, '--plopfile', path.join(cwd, 'theirs/plopfile.mjs'), 'create', '--', path.join(cwd, 'my-app'), ...flags], { cwd, env, stdin: 'ignore' });
    expect(readdirSync(path.join(cwd, 'my-app'))).toContain('package.json');
  });

  test('what is refused is a failure of plop as well', async () => {
    const cwd = await scratch();
    const { exitCode } = await execa(process.execPath, [plop, '--plopfile', path.join(repositoryRoot, 'dist/plopfile.js'), 'create', '--', '../a/../b', ...flags], { cwd, env, stdin: 'ignore', reject: false });
    expect([exitCode, readdirSync(cwd)]).toEqual([1, []]);
  });
});
