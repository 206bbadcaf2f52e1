import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { adopt } from '../../src/adopt.ts';
import { writeTree } from '../../src/commit.ts';
import { sha256 } from '../../src/digest.ts';
import { realDisk } from '../../src/disk.ts';
import { Refusal } from '../../src/errors.ts';
import { lockPath, withLock } from '../../src/lock.ts';
import { plan } from '../../src/plan.ts';
import { render } from '../../src/render.ts';
import { catalogue, renderProse, scratch, wish } from './fixtures.ts';
import { quietPorts } from './ports.ts';

const ports = quietPorts(catalogue);

/** Files of one that are not the same in the other: a short list says more than two whole apps. */
const differing = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((file) => a[file] !== b[file]);

const app = async () => {
  const root = path.join(await scratch(), 'my-app');
  const state = plan(wish({ target: 'express', preset: 'minimal', with: ['headers', 'cors'], set: ['headers.hstsSeconds=86400', 'headers.hstsSubdomains=false'], pinNode: true }), catalogue);
  const tree = withLock(render(state, catalogue, renderProse), state, sha256);
  realDisk.makeDirectory(root);
  writeTree(root, tree, realDisk);
  const request = { command: 'adopt', root, dryRun: false, install: false, verify: false, allowDirty: false, verbose: false };
  const files = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
        .filter((file) => !file.startsWith('.secure-app/undo'))
        .toSorted()
        .map((file) => [file, readFileSync(path.join(root, file), 'utf8')]),
    );
  return { root, files, adopt: (dryRun = false) => adopt({ ...request, dryRun }, [], ports), lose: (file: string): void => rmSync(path.join(root, file), { recursive: true }) };
};

describe('adopting an app', () => {
  test.each(['.secure-app', '.secure-app/lock.json', '.secure-app/base', '.secure-app/base/src/app.ts'])('whose %s was lost gives it back, byte for byte', async (lost) => {
    const { files, adopt: run, lose } = await app();
    const before = files();
    lose(lost);
    const { warnings } = await run();
    expect(differing(files(), before)).toEqual([]);
    expect(warnings.join()).toMatch(/0 differ, 0 are missing/);
  });

  test('touches no other file, and says how far they are', async () => {
    const { root, files, adopt: run, lose } = await app();
    lose('.secure-app');
    lose('AGENTS.md');
    writeFileSync(path.join(root, 'src/app.ts'), '// Mine.\n');
    const before = files();
    const { warnings } = await run();
    const after = files();
    for (const [file, text] of Object.entries(before)) expect(after[file], file).toBe(text);
    expect(Object.keys(after).filter((file) => !file.startsWith('.secure-app/'))).toEqual(Object.keys(before));
    expect(warnings.join()).toMatch(/1 differ \(src\/app\.ts\), 1 are missing \(AGENTS\.md\)/);
  });

  test('a lock that is no lock is replaced', async () => {
    const { root, files, adopt: run } = await app();
    const before = files();
    writeFileSync(path.join(root, lockPath), '<<<<<<< ours');
    await run();
    expect(differing(files(), before)).toEqual([]);
  });

  test('--dry-run writes nothing', async () => {
    const { root, adopt: run, lose } = await app();
    lose('.secure-app');
    await run(true);
    expect(existsSync(path.join(root, '.secure-app'))).toBe(false);
  });

  test('with lock and base whole there is nothing to adopt', async () => {
    const { adopt: run } = await app();
    const outcome = await run().then(() => 'adopted', String);
    expect(outcome).toMatch(/nothing to adopt/);
  });

  test('what is no app of ours is refused', async () => {
    const { adopt: run, lose, files } = await app();
    lose('.secure-app');
    lose('src/protections/app-core');
    const before = files();
    await expect(run()).rejects.toThrow(Refusal);
    expect(differing(files(), before)).toEqual([]);
  });
});
