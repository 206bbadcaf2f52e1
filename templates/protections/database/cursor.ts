import { Problem } from '../app-core/problem.ts';

/** Where a page ended: the value it was sorted by and the id of its last row. */
export interface Cursor {
  readonly value: string;
  readonly id: string;
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Opaque, not secret: what it says is bound as values and only moves within the caller's own rows. */
export const writeCursor = ({ value, id }: Cursor): string => Buffer.from(JSON.stringify([value, id])).toString('base64url');

/** @throws Problem 422 for what this app did not write; the database would answer with an error of its own. */
export const readCursor = (text: string): Cursor => {
  const parts = parsed(Buffer.from(text, 'base64url').toString());
  const { value, id } = isPair(parts) ? { value: parts[0], id: parts[1] } : { value: undefined, id: undefined };
  if (typeof value === 'string' && !value.includes('\0') && typeof id === 'string' && uuid.test(id)) return { value, id };
  // protect: Q401
  throw new Problem(422, { detail: 'The cursor is not one of this list.', extensions: { path: '/query/cursor', rule: 'cursor' } });
};

/** The moment that a cursor over a time column names. @throws Problem 422 */
export const timeOf = ({ value }: Cursor): Date => {
  const time = new Date(value);
  if (!Number.isNaN(time.getTime())) return time;
  throw new Problem(422, { detail: 'The cursor is not one of this list.', extensions: { path: '/query/cursor', rule: 'cursor' } });
};

const isPair = (parts: unknown): parts is readonly [unknown, unknown] => Array.isArray(parts) && parts.length === 2;

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};
