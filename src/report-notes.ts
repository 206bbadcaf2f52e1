import type { NoteOf } from './notes.ts';

/** A change of what is emitted, for people: whose, since when, how bad, what to do. */
export const noteLine = (note: NoteOf): string => {
  const severity = note.kind === 'security' ? `${note.severity}, ${note.items.join(', ')}: ` : '';
  return `${note.part.split('/').at(-1)} ${note.version}: ${severity}${note.what}${note.action === undefined ? '' : `\n    You must: ${note.action}`}`;
};
