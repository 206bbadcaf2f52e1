import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { assertVacant, openStage, writeTree } from '../../src/commit.ts';
import { sha256 } from '../../src/digest.ts';
import { kindOf, realDisk } from '../../src/disk.ts';
import { Refusal } from '../../src/errors.ts';
import { formatJournal } from '../../src/journal.ts';
import { recover, transactionName } from '../../src/transaction.ts';
import { type ScenarioName, contentOf, faulty, leftovers, scenarios } from './faults.ts';
import { scratch } from './fixtures.ts';

const names = ['a folder that does not exist', 'a folder in a folder that does not exist', 'a folder with nothing but .git', 'a project of which files are replaced, added and deleted', 'a change that can be taken back, after another one', 'a change that is taken back'] as const satisfies readonly ScenarioName[];

/** The content before and after an undisturbed run, and how many changes of the disk it takes. */
const undisturbed = async (name: ScenarioName) => {
  const parent = await scratch();
  const root = path.join(parent, 'app');
  scenarios[name].prepare(root);
  const before = contentOf(parent);
  let changes = 0;
  scenarios[name].run(root, faulty((change) => { changes = change; }));
  return { before, after: contentOf(parent), changes };
};

describe.each(names)('%s', (name) => {
  test('a kill at every change leaves it as it was, or is put right by the next run', { timeout: 180_000 }, async () => {
    const { before, after, changes } = await undisturbed(name);
    expect(changes).toBeGreaterThan(5);
    const killAt = async ({ change, moment }: { readonly change: number; readonly moment: 'before' | 'half' }): Promise<void> => {
      const parent = await scratch();
      const root = path.join(parent, 'app');
      scenarios[name].prepare(root);
      const child = path.join(import.meta.dirname, 'killed.ts');
      const { signal } = await execa(process.execPath, [child, name, root, String(change), moment], { reject: false, env: { NODE_OPTIONS: '' } });
      expect(signal, `change ${change}`).toBe('SIGKILL');
      if (kindOf(root) === 'directory' && kindOf(path.join(root, transactionName)) !== undefined) recover(root, realDisk, sha256);
      const content = contentOf(parent);
      expect([before, after], `killed ${moment} change ${change}`).toContain(content);
      if (content === before) scenarios[name].run(root, realDisk);
      expect(contentOf(parent)).toBe(after);
      expect(leftovers(parent)).toEqual([]);
    };
    const points = Array.from({ length: changes }, (_, index) => index + 1).flatMap((change) => [{ change, moment: 'before' as const }, { change, moment: 'half' as const }]);
    const workers = Array.from({ length: 4 }, async () => {
      for (let point = points.pop(); point !== undefined; point = points.pop()) await killAt(point);
    });
    await Promise.all(workers);
  });

  test('a disk that is full at any change leaves it as it was', async () => {
    const { before, after, changes } = await undisturbed(name);
    for (let failing = 1; failing <= changes; failing += 1) {
      const parent = await scratch();
      const root = path.join(parent, 'app');
      scenarios[name].prepare(root);
      const full = faulty((change) => {
        if (change === failing) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      });
      expect(() => scenarios[name].run(root, full)).toThrow('ENOSPC');
      if (kindOf(path.join(root, transactionName)) !== undefined) recover(root, realDisk, sha256);
      const content = contentOf(parent);
      expect([before, after], `full at change ${failing}`).toContain(content);
      if (content === before) scenarios[name].run(root, realDisk);
      expect(leftovers(parent)).toEqual([]);
    }
  });
});

describe('a folder that is taken', () => {
  test('is refused, and stays as it is', async () => {
    const root = await scratch();
    writeFileSync(path.join(root, 'mine.txt'), 'mine');
    expect(() => assertVacant(root, realDisk, sha256)).toThrow('is not empty (mine.txt)');
    expect(contentOf(root)).toBe('mine.txt: mine');
  });

  test('is refused when it is a file or a symbolic link', async () => {
    const parent = await scratch();
    writeFileSync(path.join(parent, 'file'), '');
    symlinkSync('nowhere', path.join(parent, 'link'));
    expect(() => assertVacant(path.join(parent, 'file'), realDisk, sha256)).toThrow(Refusal);
    expect(() => assertVacant(path.join(parent, 'link'), realDisk, sha256)).toThrow(Refusal);
  });

  test('is refused when somebody fills it before the commit', async () => {
    const parent = await scratch();
    const root = path.join(parent, 'app');
    const stage = openStage(root, realDisk, sha256);
    writeTree(stage.directory, new Map([['a', 'ours']]), realDisk);
    mkdirSync(root);
    writeFileSync(path.join(root, 'a'), 'theirs');
    expect(() => stage.commit()).toThrow(/ENOTEMPTY|EEXIST/);
    stage.discard();
    expect(contentOf(parent)).toBe('app/\napp/a: theirs');
  });
});

describe('an interrupted run', () => {
  const interrupted = async (journal: string): Promise<string> => {
    const root = await scratch();
    mkdirSync(path.join(root, transactionName, 'new'), { recursive: true });
    mkdirSync(path.join(root, transactionName, 'old'));
    writeFileSync(path.join(root, transactionName, 'owner'), '999999999');
    writeFileSync(path.join(root, transactionName, 'journal.json'), journal);
    return root;
  };

  test('does not overwrite what was changed since', async () => {
    const root = await interrupted(formatJournal({ put: [{ path: 'a.ts', before: sha256('before') }], remove: [] }));
    writeFileSync(path.join(root, transactionName, 'new/a.ts'), 'after');
    writeFileSync(path.join(root, 'a.ts'), 'edited since');
    expect(() => recover(root, realDisk, sha256)).toThrow('was changed after an interrupted run');
    expect(readFileSync(path.join(root, 'a.ts'), 'utf8')).toBe('edited since');
  });

  test('does not write through a symbolic link that leads out', async () => {
    const outside = await scratch();
    const root = await interrupted(formatJournal({ put: [{ path: 'out/a.ts', before: null }], remove: [] }));
    mkdirSync(path.join(root, transactionName, 'new/out'));
    writeFileSync(path.join(root, transactionName, 'new/out/a.ts'), 'planted');
    symlinkSync(outside, path.join(root, 'out'));
    expect(() => recover(root, realDisk, sha256)).toThrow('is no directory');
    expect(kindOf(path.join(outside, 'a.ts'))).toBeUndefined();
  });

  test('that still runs is left alone', async () => {
    const root = await interrupted('{}');
    writeFileSync(path.join(root, transactionName, 'owner'), String(process.ppid));
    expect(() => recover(root, realDisk, sha256)).toThrow('is at work');
  });

  test('with a journal that cannot be read is refused, and nothing is removed', async () => {
    const root = await interrupted('{"format":1');
    expect(() => recover(root, realDisk, sha256)).toThrow('cannot be read');
    expect(kindOf(path.join(root, transactionName))).toBe('directory');
  });
});
