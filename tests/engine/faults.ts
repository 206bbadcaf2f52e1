import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assertVacant, openStage, writeTree } from '../../src/commit.ts';
import { sha256 } from '../../src/digest.ts';
import { type Disk, kindOf, realDisk } from '../../src/disk.ts';
import type { Stage } from '../../src/stage.ts';
import { transactionName } from '../../src/transaction.ts';
import { restore } from '../../src/undo.ts';
import { formatUndo } from '../../src/undo-record.ts';

/** What happens at the n-th change of the disk. */
export type Fault = (change: number, disk: Disk, half: () => void) => void;

/** A disk on which each change first asks `fault`; `half` does as much of it as a process that dies may have done. */
export const faulty = (fault: Fault): Disk => {
  let change = 0;
  const at = <A extends readonly unknown[]>(run: (...args: A) => void, half: (...args: A) => void = () => undefined) => (...args: A): void => {
    change += 1;
    fault(change, realDisk, () => half(...args));
    run(...args);
  };
  return {
    makeDirectory: at(realDisk.makeDirectory),
    writeFile: at(realDisk.writeFile, (file, text) => writeFileSync(file, text.slice(0, text.length / 2))),
    move: at(realDisk.move),
    removeFile: at(realDisk.removeFile),
    removeDirectory: at(realDisk.removeDirectory),
    removeAll: at(realDisk.removeAll, (target) => {
      const [first] = kindOf(target) === 'directory' ? readdirSync(target) : [];
      if (first !== undefined) realDisk.removeAll(path.join(target, first));
    }),
  };
};

const tree = new Map([['.env.example', 'A=1\n'], ['docs/security/a.md', '# a\n'], ['package.json', '{}\n'], ['src/app.ts', 'export {};\n']]);

/** A way to change a directory: what is there before, and what a run does. */
export interface Scenario {
  readonly prepare: (root: string) => void;
  readonly run: (root: string, disk: Disk) => void;
}

const committed = (stage: Stage, work: () => void): void => {
  try {
    work();
  } finally {
    stage.discard();
  }
};

const createIn = (root: string, disk: Disk): void => {
  assertVacant(root, disk, sha256);
  const stage = openStage(root, disk, sha256);
  committed(stage, () => {
    writeTree(stage.directory, tree, disk);
    stage.commit();
  });
};

const prepareChanged = (root: string): void => {
  mkdirSync(path.join(root, 'src/old'), { recursive: true });
  mkdirSync(path.join(root, '.secure-app'));
  writeFileSync(path.join(root, '.env'), 'A=1\n');
  writeFileSync(path.join(root, 'src/app.ts'), 'old\n');
  writeFileSync(path.join(root, 'src/old/gone.ts'), 'gone\n');
};

/** As `add` and its kin commit: path -> what stands there, and what will. */
const change = (root: string, disk: Disk, files: Readonly<Record<string, readonly [before: string | null, after: string | null]>>): void => {
  const puts = new Map(Object.entries(files).flatMap(([file, [before, text]]) => (text === null ? [] : [[file, { before, text }] as const])));
  const removes = new Map(Object.entries(files).flatMap(([file, [before, text]]) => (text === null && before !== null ? [[file, before] as const] : [])));
  const stage = openStage(root, disk, sha256);
  committed(stage, () => {
    writeTree(stage.directory, new Map([...puts].map(([file, { text }]) => [file, text] as const)), disk);
    stage.commit({
      put: [...puts].map(([file, { before }]) => ({ path: file, before: before === null ? null : sha256(before) })),
      remove: [...removes].map(([file, before]) => ({ path: file, before: sha256(before) })),
      record: formatUndo({ command: 'add', puts, removes, index: [], unmerged: [] }),
    });
  });
};

export const scenarios = {
  'a folder that does not exist': { prepare: () => undefined, run: createIn },
  'a folder in a folder that does not exist': { prepare: () => undefined, run: (root, disk) => createIn(path.join(root, 'deep/er'), disk) },
  'a folder with nothing but .git': {
    prepare: (root) => {
      mkdirSync(path.join(root, '.git'), { recursive: true });
      writeFileSync(path.join(root, '.git/HEAD'), 'ref: refs/heads/main\n');
    },
    run: createIn,
  },
  'a project of which files are replaced, added and deleted': {
    prepare: (root) => {
      mkdirSync(path.join(root, 'src/old'), { recursive: true });
      writeFileSync(path.join(root, 'src/app.ts'), 'old\n');
      writeFileSync(path.join(root, 'src/mine.ts'), 'mine\n');
      writeFileSync(path.join(root, 'src/old/gone.ts'), 'gone\n');
    },
    run: (root, disk) => {
      const stage = openStage(root, disk, sha256);
      committed(stage, () => {
        writeTree(stage.directory, new Map([['src/app.ts', 'new\n'], ['src/deep/b.ts', 'b\n']]), disk);
        stage.commit({
          put: [{ path: 'src/app.ts', before: sha256('old\n') }, { path: 'src/deep/b.ts', before: null }],
          remove: [{ path: 'src/old/gone.ts', before: sha256('gone\n') }],
        });
      });
    },
  },
  'a change that can be taken back, after another one': {
    prepare: (root) => {
      prepareChanged(root);
      change(root, realDisk, { 'src/app.ts': ['old\n', 'older\n'] });
    },
    run: (root, disk) => change(root, disk, { 'src/app.ts': ['older\n', 'new\n'], 'src/deep/b.ts': [null, 'b\n'], 'src/old/gone.ts': ['gone\n', null], '.env': ['A=1\n', 'A=1\nB=2\n'] }),
  },
  'a change that is taken back': {
    prepare: (root) => {
      prepareChanged(root);
      change(root, realDisk, { 'src/app.ts': ['old\n', 'new\n'], 'src/deep/b.ts': [null, 'b\n'], 'src/old/gone.ts': ['gone\n', null], '.env': ['A=1\n', 'A=1\nB=2\n'] });
    },
    run: (root, disk) => {
      restore(root, { disk, dryRun: false });
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof scenarios;

/** Every file below `parent`, and every empty directory, without what a killed run left for the next one. */
export const contentOf = (parent: string): string => {
  const lines = readdirSync(parent, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(parent, file);
    if (name.includes(transactionName) || name.includes('.creating-')) return [];
    return entry.isFile() ? [`${name}: ${readFileSync(file, 'utf8')}`] : entry.isDirectory() ? [`${name}/`] : [`${name}?`];
  });
  return lines.toSorted().join('\n');
};

/** What a killed run left that is not part of the project. */
export const leftovers = (parent: string): string[] =>
  readdirSync(parent, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes(transactionName) || name.includes('.creating-'));
