import { Refusal } from './errors.ts';
import { pathProblem } from './tree.ts';

/** One file that a commit puts or removes. */
export interface JournalEntry {
  readonly path: string;
  /** Hex SHA-256 of what stood there; null when nothing did. */
  readonly before: string | null;
}

/** What a commit has begun to do. */
export interface Journal {
  readonly put: readonly JournalEntry[];
  readonly remove: readonly JournalEntry[];
}

const format = 1;

export const formatJournal = ({ put, remove }: Journal): string => JSON.stringify({ format, put, remove });

/**
 * Reads a journal. It is untrusted: it may have come with the repo.
 * @throws Refusal
 */
export const parseJournal = (text: string): Journal => {
  const refuse = (): never => {
    throw new Refusal('The journal of an interrupted run cannot be read. Delete .secure-app-transaction to drop that run.');
  };
  const entries = (value: unknown): JournalEntry[] => {
    if (!Array.isArray(value)) return refuse();
    return value.map((entry: unknown) => (isEntry(entry) ? { path: entry.path, before: entry.before } : refuse()));
  };
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data !== 'object' || data === null || !('format' in data) || data.format !== format || !('put' in data) || !('remove' in data)) return refuse();
    return { put: entries(data.put), remove: entries(data.remove) };
  } catch {
    return refuse();
  }
};

const isEntry = (value: unknown): value is JournalEntry =>
  typeof value === 'object' &&
  value !== null &&
  'path' in value &&
  typeof value.path === 'string' &&
  pathProblem(value.path) === undefined &&
  'before' in value &&
  (value.before === null || (typeof value.before === 'string' && /^[0-9a-f]{64}$/.test(value.before)));
