import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { scratch } from './fixtures.ts';

test('the compiler is loaded by what reads the source of others, and by nothing else', async () => {
  const cwd = await scratch();
  const loadedBy = async (...args: readonly string[]): Promise<string> => {
    const { stderr } = await execa(process.execPath, [path.join(repositoryRoot, 'bin/create-secure-app.js'), ...args], { cwd, env: { NODE_DEBUG: 'module', NODE_DISABLE_COMPILE_CACHE: '1' }, reject: false });
    return stderr;
  };
  expect(await loadedBy('list')).not.toContain('ts-morph');
  expect(await loadedBy('my-app', '--dry-run')).not.toContain('ts-morph');
  expect(await loadedBy('add', 'headers')).toContain('ts-morph');
});
