import { sha256 } from '../digest.ts';
import { Refusal } from '../errors.ts';
import { type FileDigest, basePathOf, pendingPrefix } from '../lock.ts';
import type { Tree } from '../tree.ts';
import { byText } from '../tree.ts';
import { isCode, mergeFile } from './file.ts';
import { type Labels, hasMarks } from './sides.ts';

/** What stands at a path. `other`: what cannot be merged (a directory, a symbolic link, bytes that are no text, a huge file). */
export type OnDisk =
  | { readonly kind: 'missing' }
  | { readonly kind: 'text'; readonly text: string; readonly mode: number }
  | { readonly kind: 'other'; readonly what: string };

/** What became of a file. */
export type Outcome =
  /** It was not there, and now is. */
  | 'added'
  /** Nobody had edited it. */
  | 'updated'
  /** Their change went into an edited file, and the edits stayed. */
  | 'merged'
  /** Both sides changed the same place: marks are in the file, or it cannot be merged at all. */
  | 'conflict'
  /** Of an earlier run, and nobody has chosen yet. */
  | 'unresolved'
  /** The user deleted it; it stays deleted. */
  | 'kept-deleted'
  /** It is no longer emitted, and nobody had edited it. */
  | 'removed'
  /** It is no longer emitted, and is now the user's alone. */
  | 'kept-edited'
  /** It held the change already. */
  | 'already';

export interface FileOutcome {
  /** Where it is emitted to. */
  readonly path: string;
  /** Where it stands: elsewhere when the user moved it. */
  readonly at: string;
  readonly outcome: Outcome;
  readonly conflicts: number;
  /** Why it could not be merged. */
  readonly reason?: string;
}

/** A file to be written. */
export interface Put {
  readonly text: string;
  /** What stood there; null when nothing did. */
  readonly before: string | null;
  readonly mode?: number;
}

/** What a merge of trees comes to; nothing is written yet. */
export interface TreeMerge {
  /** Of the files that the new render changes, sorted by path. */
  readonly outcomes: readonly FileOutcome[];
  /** path -> what is to be written there; files of the app, of the base and of what waits for a decision. */
  readonly puts: ReadonlyMap<string, Put>;
  /** path -> what stands there. */
  readonly removes: ReadonlyMap<string, string>;
  /** path -> hex SHA-256 of its base: what the lock will say. */
  readonly files: Readonly<Record<string, string>>;
}

export interface TreeMergeInput {
  /** path -> hex SHA-256, of the files that were emitted last. */
  readonly files: Readonly<Record<string, string>>;
  /** What is emitted now. */
  readonly theirs: Tree;
  readonly digestOf: FileDigest;
  /** Any file of the app, by its path below the root. */
  readonly read: (path: string) => OnDisk;
  /** Paths of files that were left in conflict. */
  readonly pending: readonly string[];
  /** Where the user moved those of these files that are gone. Asked once, when a file is missing. */
  readonly movesOf: (missing: readonly string[]) => ReadonlyMap<string, string>;
  /** Finds an earlier text of a file of the base by its digest, where somebody's formatter went over it. */
  readonly earlier?: (path: string, digest: string) => string | undefined;
  readonly labels: Labels;
}

/**
 * Merges what was emitted last, what stands on disk, and what is emitted now. Files that are emitted as before are not read.
 * @throws Refusal when the base of an edited file is not what was emitted.
 */
export const mergeTree = async (input: TreeMergeInput): Promise<TreeMerge> => {
  const { files, theirs, digestOf, read, labels } = input;
  const outcomes: FileOutcome[] = [];
  const puts = new Map<string, Put>();
  const removes = new Map<string, string>();
  const kept: [string, string][] = [];
  const put = (path: string, text: string, found: OnDisk): void => {
    if (found.kind === 'other') throw new Refusal(`${path} is ${found.what}.`);
    if (found.kind === 'text' && found.text === text) return;
    puts.set(path, { text, before: found.kind === 'text' ? found.text : null, ...(found.kind === 'text' ? { mode: found.mode } : {}) });
  };
  const remove = (path: string, found: OnDisk): void => {
    if (found.kind === 'text') removes.set(path, found.text);
  };
  const pending = new Set(input.pending);
  const paths = [...new Set([...theirs.keys(), ...Object.keys(files), ...pending])].toSorted(byText);
  const changed = paths.filter((path) => pending.has(path) || digestIn(files, path) !== digestOfText(theirs.get(path), path, digestOf));
  const onDisk = new Map(changed.map((path) => [path, read(path)] as const));
  const missing = changed.filter((path) => onDisk.get(path)?.kind === 'missing' && digestIn(files, path) !== undefined);
  const moves = missing.length === 0 ? new Map<string, string>() : input.movesOf(missing);
  const changedSet = new Set(changed);

  for (const path of paths) {
    const emittedBefore = digestIn(files, path);
    if (!changedSet.has(path)) {
      if (emittedBefore !== undefined) kept.push([path, emittedBefore]);
      continue;
    }
    const at = moves.get(path) ?? path;
    const ours = at === path ? (onDisk.get(path) ?? read(path)) : read(at);
    const text = theirs.get(path);
    const say = (outcome: Outcome, more: { conflicts?: number; reason?: string } = {}): void => {
      outcomes.push({ path, at, outcome, conflicts: 0, ...more });
    };
    const basePath = basePathOf(path);
    const storedBase = read(basePath);

    const pendingPath = `${pendingPrefix}${path}`;
    const waiting = pending.has(path) ? read(pendingPath) : undefined;
    if (waiting?.kind === 'text' && (ours.kind === 'other' || (ours.kind === 'text' && hasMarks(ours.text)))) {
      if (emittedBefore !== undefined) kept.push([path, emittedBefore]);
      say('unresolved');
      continue;
    }
    // Somebody chose: from here on, what was waiting is what was emitted last.
    const before = waiting?.kind === 'text' ? sha256(waiting.text) : emittedBefore;
    if (waiting !== undefined) remove(pendingPath, waiting);
    const advance = (): void => {
      if (text === undefined) remove(basePath, storedBase);
      else {
        put(basePath, text, storedBase);
        kept.push([path, digestOf(text, path)]);
      }
    };

    if (ours.kind === 'missing') {
      if (text !== undefined && before === undefined) {
        put(at, text, ours);
        say('added');
      } else if (text !== undefined) say('kept-deleted');
      advance();
      continue;
    }
    if (text === undefined) {
      if (ours.kind === 'text' && (sha256(ours.text) === before || (await isReformatted(path, ours.text, storedBase, before)))) {
        remove(at, ours);
        say('removed');
      } else say('kept-edited');
      advance();
      continue;
    }
    const conflict = (conflicts: number, reason?: string): void => {
      put(pendingPath, text, read(pendingPath));
      removes.delete(pendingPath);
      if (waiting?.kind === 'text') put(basePath, waiting.text, storedBase);
      if (before !== undefined) kept.push([path, before]);
      say('conflict', reason === undefined ? { conflicts } : { conflicts, reason });
    };
    if (ours.kind === 'other') {
      conflict(1, `it is ${ours.what}`);
      continue;
    }
    const digest = sha256(ours.text);
    if (digest === digestOf(text, path)) {
      say('already');
      advance();
      continue;
    }
    if (digest === before) {
      put(at, text, ours);
      say('updated');
      advance();
      continue;
    }
    const base = before === undefined ? '' : waiting?.kind === 'text' ? waiting.text : baseText(path, storedBase, before, input.earlier);
    const { text: result, conflicts } = await mergeFile(path, { base, ours: ours.text, theirs: text }, labels);
    put(at, result, ours);
    if (conflicts > 0) conflict(conflicts);
    else {
      say(result === ours.text ? 'already' : 'merged');
      advance();
    }
  }
  return { outcomes, puts, removes, files: Object.fromEntries(kept) };
};

const digestIn = (files: Readonly<Record<string, string>>, path: string): string | undefined => (Object.hasOwn(files, path) ? files[path] : undefined);

const digestOfText = (text: string | undefined, path: string, digestOf: FileDigest): string | undefined => (text === undefined ? undefined : digestOf(text, path));

/** Whether nothing but the format of a file was changed. */
const isReformatted = async (path: string, ours: string, stored: OnDisk, digest: string | undefined): Promise<boolean> =>
  isCode(path) && stored.kind === 'text' && sha256(stored.text) === digest && (await import('./tokens.ts')).isSameCode(stored.text, ours);

const baseText = (path: string, stored: OnDisk, digest: string, earlier: TreeMergeInput['earlier']): string => {
  if (stored.kind === 'text' && sha256(stored.text) === digest) return stored.text;
  const found = earlier?.(basePathOf(path), digest);
  if (found !== undefined) return found;
  const what = stored.kind === 'missing' ? 'is gone' : stored.kind === 'other' ? `is ${stored.what}` : 'was changed';
  throw new Refusal(`${basePathOf(path)} ${what}: without it your edits of ${path} cannot be told from ours. Restore it from git.`);
};
