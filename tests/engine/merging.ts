import { sha256 } from '../../src/digest.ts';
import { basePathOf, basePrefix, pendingPrefix } from '../../src/lock.ts';
import { type FileOutcome, type OnDisk, mergeTree } from '../../src/merge/tree.ts';
import type { Tree } from '../../src/tree.ts';

/** An app in memory: its own files, and what the tool remembers of it. */
export interface Remembered {
  readonly files: ReadonlyMap<string, string>;
  /** path -> digest of its base */
  readonly lock: Readonly<Record<string, string>>;
}

/** An app as it was emitted, with what its owner made of it since. */
export const edited = (emitted: Tree, ours: Tree): Remembered => ({
  files: new Map([...ours, ...[...emitted].map(([path, text]) => [basePathOf(path), text] as const)]),
  lock: Object.fromEntries([...emitted].map(([path, text]) => [path, sha256(text)])),
});

export interface MergedApp extends Remembered {
  readonly outcomes: readonly FileOutcome[];
  /** How many files the merge wrote or removed. */
  readonly changes: number;
}

/** Merges an app in memory with what is emitted now. */
export const mergedApp = async (app: Remembered, theirs: Tree, moves: ReadonlyMap<string, string> = new Map()): Promise<MergedApp> => {
  const read = (path: string): OnDisk => {
    const text = app.files.get(path);
    return text === undefined ? { kind: 'missing' } : { kind: 'text', text, mode: 0o644 };
  };
  const { outcomes, puts, removes, files } = await mergeTree({
    files: app.lock,
    theirs,
    digestOf: sha256,
    read,
    pending: [...app.files.keys()].flatMap((path) => (path.startsWith(pendingPrefix) ? [path.slice(pendingPrefix.length)] : [])),
    movesOf: (missing) => new Map(missing.flatMap((path) => (moves.has(path) ? [[path, moves.get(path) ?? path] as const] : []))),
    labels: { ours: 'yours', theirs: 'create-secure-app 2.0.0' },
  });
  const after = new Map(app.files);
  for (const [path, { text, before }] of puts) {
    if (before !== (app.files.get(path) ?? null)) throw new Error(`${path} does not stand as the merge says.`);
    after.set(path, text);
  }
  for (const path of removes.keys()) after.delete(path);
  return { files: after, lock: files, outcomes, changes: puts.size + removes.size };
};

/** The files of the app itself. */
export const ownFiles = ({ files }: Remembered): Tree => new Map([...files].filter(([path]) => !path.startsWith('.secure-app/')).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** What is remembered as emitted. */
export const baseOf = ({ files }: Remembered): Tree => new Map([...files].flatMap(([path, text]) => (path.startsWith(basePrefix) ? [[path.slice(basePrefix.length).replace(/\.base$/, ''), text] as const] : [])));
