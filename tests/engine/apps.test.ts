import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { appsBelow } from '../../src/apps.ts';
import { writeTree } from '../../src/commit.ts';
import { sha256 } from '../../src/digest.ts';
import { realDisk } from '../../src/disk.ts';
import { parseCommandLine } from '../../src/flags.ts';
import { lockPath, withLock } from '../../src/lock.ts';
import { plan } from '../../src/plan.ts';
import { render } from '../../src/render.ts';
import { runStatus } from '../../src/status/status-command.ts';
import { catalogue, renderProse, scratch, wish } from './fixtures.ts';

/** A repo with an app in each of two folders. */
const repo = async () => {
  const root = await scratch();
  const state = plan(wish({ target: 'express', preset: 'minimal' }), catalogue);
  const tree = withLock(render(state, catalogue, renderProse), state, sha256);
  for (const folder of ['packages/api', 'packages/admin']) {
    mkdirSync(path.join(root, folder), { recursive: true });
    writeTree(path.join(root, folder), tree, realDisk);
  }
  const status = async (...args: readonly string[]) => {
    let out = '';
    const terminal = { out: (text: string): void => void (out += text), err: () => {}, strong: (text: string) => text };
    const assets = { catalogue: () => catalogue, prose: () => renderProse, notes: () => ({}), doctors: () => ({}) };
    const exitCode = await runStatus({ line: parseCommandLine(['status', ...args]), cwd: root, assets, terminal });
    return { exitCode, out };
  };
  return { root, status };
};

test('every app below a folder is found, none behind a link or in node_modules', async () => {
  const { root } = await repo();
  mkdirSync(path.join(root, 'node_modules/x/.secure-app'), { recursive: true });
  writeFileSync(path.join(root, 'node_modules/x', lockPath), '{}');
  symlinkSync(path.join(root, 'packages/api'), path.join(root, 'packages/link'));
  expect(appsBelow(root).map((app) => path.relative(root, app))).toEqual(['packages/admin', 'packages/api']);
});

test('--all looks at every app; the exit code is the worst, and one that cannot be read stops no other', async () => {
  const { root, status } = await repo();
  expect(await status('--all')).toMatchObject({ exitCode: 0, out: expect.stringMatching(/2 of 2 are well/) });
  rmSync(path.join(root, 'packages/api/src/protections/validation/json.ts'));
  writeFileSync(path.join(root, 'packages/admin', lockPath), 'no lock');
  const { exitCode, out } = await status('--all', '--json');
  expect(exitCode).toBe(4);
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    command: 'status',
    apps: [
      { app: 'packages/admin', exitCode: 1, ok: false, error: expect.stringMatching(/cannot be used/) },
      { app: 'packages/api', exitCode: 4, ok: false, missing: ['src/protections/validation/json.ts'] },
    ],
  });
});

test('without an app it says so', async () => {
  const { root, status } = await repo();
  rmSync(path.join(root, 'packages'), { recursive: true });
  await expect(status('--all')).rejects.toThrow(/There is no/);
  await expect(status()).rejects.toThrow(/has no/);
});
