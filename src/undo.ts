import { openStage, writeTree } from './commit.ts';
import { sha256 } from './digest.ts';
import type { Disk } from './disk.ts';
import { Refusal } from './errors.ts';
import { readerOf } from './installed.ts';
import { recover, undoPlace } from './transaction.ts';
import { type UndoEntry, type UndoRecord, parseUndo } from './undo-record.ts';

/** What was taken back. */
export interface Undone {
  readonly root: string;
  readonly command: string;
  /** Paths that are as they were. */
  readonly paths: readonly string[];
}

/**
 * Restores what stood in `root` before the last change, byte for byte, and what git's index held of files in conflict.
 * @throws Refusal when there is no such change, or when a file was edited since; then nothing was changed.
 */
export const undo = async (root: string, { disk, env, dryRun }: { readonly disk: Disk; readonly env: Readonly<Record<string, string>>; readonly dryRun: boolean }): Promise<Undone> => {
  const { unmerged, index, ...undone } = restore(root, { disk, dryRun });
  if (unmerged.length > 0 && !dryRun) (await import('./repository.ts')).repositoryOf(root, env)?.restore(unmerged, index);
  return undone;
};

/** The files alone. */
export const restore = (root: string, { disk, dryRun }: { readonly disk: Disk; readonly dryRun: boolean }): Undone & Pick<UndoRecord, 'unmerged' | 'index'> => {
  if (!dryRun) recover(root, disk, sha256);
  const place = undoPlace(root);
  const read = readerOf(root);
  const found = read('.secure-app/undo/undo.json', 20_000_000);
  if (found.kind === 'missing') throw new Refusal('There is no change to take back: none was made here, or it was taken back already.');
  if (found.kind === 'other') throw new Refusal(`The record of the last change is ${found.what}.`);
  const { command, entries, unmerged, index } = parseUndo(found.text);
  const textAt = (path: string): string | undefined => {
    const file = read(path);
    return file.kind === 'text' ? file.text : undefined;
  };
  const edited = entries.filter(({ path, after }) => (after === null ? read(path).kind !== 'missing' : sha256(textAt(path) ?? '') !== after)).map(({ path }) => path);
  if (edited.length > 0) throw new Refusal(`These files were changed since: ${edited.slice(0, 5).join(', ')}${edited.length > 5 ? ', ...' : ''}. Nothing was taken back.`);

  const old = readerOf(place.old);
  const before = (entry: UndoEntry): { readonly text: string; readonly mode: number | undefined } | undefined => {
    if (entry.before === null) return undefined;
    const file = entry.prefix === undefined ? old(entry.path) : read(entry.path);
    const text = file.kind === 'text' ? file.text.slice(0, entry.prefix ?? file.text.length) : undefined;
    if (file.kind !== 'text' || text === undefined || sha256(text) !== entry.before) throw new Refusal(`What stood in ${entry.path} is not kept whole. Nothing was taken back.`);
    return { text, mode: file.mode };
  };
  const texts = new Map(entries.flatMap((entry) => {
    const was = before(entry);
    return was === undefined ? [] : [[entry.path, was] as const];
  }));
  const undone = { root, command, paths: entries.map(({ path }) => path), unmerged, index };
  if (dryRun) return undone;

  const stage = openStage(root, disk, sha256);
  try {
    writeTree(stage.directory, new Map([...texts].map(([path, { text }]) => [path, text] as const)), disk, new Map([...texts].flatMap(([path, { mode }]) => (mode === undefined ? [] : [[path, mode] as const]))));
    stage.commit({
      put: entries.filter(({ path }) => texts.has(path)).map(({ path, after }) => ({ path, before: after })),
      remove: entries.filter(({ path }) => !texts.has(path)).map(({ path, after }) => ({ path, before: after })),
      record: null,
    });
  } finally {
    stage.discard();
  }
  return undone;
};
