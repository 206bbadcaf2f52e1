import { sha256 } from './digest.ts';
import { Refusal } from './errors.ts';
import type { Put } from './merge/tree.ts';
import type { IndexEntry } from './repository.ts';
import { pathProblem } from './tree.ts';
import { isRecord } from './is-record.ts';

/** What the last change did to a file. Digests are hex SHA-256; null where nothing stood. */
export interface UndoEntry {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  /** The file was only added to: what stood there before is its first so many characters. */
  readonly prefix?: number;
}

/** What is needed to take the last change back, besides the files that it replaced. */
export interface UndoRecord {
  readonly command: string;
  readonly entries: readonly UndoEntry[];
  /** Files that were registered as unmerged, and how git's index had them before. */
  readonly unmerged: readonly string[];
  readonly index: readonly IndexEntry[];
}

const format = 1;

/** The record of a change that is about to be made. */
export const formatUndo = (change: {
  readonly command: string;
  readonly puts: ReadonlyMap<string, Put>;
  readonly removes: ReadonlyMap<string, string>;
  readonly index: readonly IndexEntry[];
  readonly unmerged: readonly string[];
}): string => {
  const entries: UndoEntry[] = [
    ...[...change.puts].map(([path, { text, before }]) => ({
      path,
      before: before === null ? null : sha256(before),
      after: sha256(text),
      // Secrets are not kept a second time.
      ...(path === '.env' && before !== null ? { prefix: before.length } : {}),
    })),
    ...[...change.removes].map(([path, before]) => ({ path, before: sha256(before), after: null })),
  ];
  const record: UndoRecord = { command: change.command, entries, unmerged: change.unmerged, index: change.index };
  return `${JSON.stringify({ format, ...record })}\n`;
};

/**
 * Reads a record. It is untrusted: it may have come with the repo.
 * @throws Refusal
 */
export const parseUndo = (text: string): UndoRecord => {
  const refuse = (): never => {
    throw new Refusal('The record of the last change cannot be read: it cannot be taken back. Nothing was changed.');
  };
  const list = <T>(value: unknown, is: (entry: unknown) => entry is T): T[] => {
    if (!Array.isArray(value)) return refuse();
    const entries: unknown[] = value;
    return entries.map((entry) => (is(entry) ? entry : refuse()));
  };
  try {
    const data: unknown = JSON.parse(text);
    if (!isRecord(data) || data['format'] !== format || typeof data['command'] !== 'string' || data['command'].length > 40) return refuse();
    return { command: data['command'], entries: list(data['entries'], isEntry), unmerged: list(data['unmerged'], isPath), index: list(data['index'], isIndexEntry) };
  } catch {
    return refuse();
  }
};
const isPath = (value: unknown): value is string => typeof value === 'string' && pathProblem(value) === undefined;
const isDigest = (value: unknown): boolean => value === null || (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value));
const isEntry = (value: unknown): value is UndoEntry =>
  isRecord(value) && isPath(value['path']) && isDigest(value['before']) && isDigest(value['after']) && (value['prefix'] === undefined || (typeof value['prefix'] === 'number' && Number.isSafeInteger(value['prefix']) && value['prefix'] >= 0));
const isIndexEntry = (value: unknown): value is IndexEntry =>
  isRecord(value) && isPath(value['path']) && typeof value['mode'] === 'string' && /^\d{6}$/.test(value['mode']) && typeof value['object'] === 'string' && /^[0-9a-f]{40,64}$/.test(value['object']);
