import { type Outcome, already, applied } from './outcome.ts';

/** A part of SECURITY.md under a heading of its own. */
export interface Section {
  /** With its `#`. */
  readonly heading: string;
  readonly body: string;
}

/** Puts the sections behind what the page holds, as far as their headings are not there. */
export const addSections = (text: string, title: Section, sections: readonly Section[]): Outcome => {
  const lines = new Set(text.split(/\r?\n/));
  const missing = sections.filter(({ heading }) => !lines.has(heading));
  if (missing.length === 0) return already(text);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const blocks = [...(lines.has(title.heading) ? [] : [title]), ...missing].map(({ heading, body }) => `${heading}\n\n${body}\n`).join('\n');
  const lead = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
  return applied(text + lead + blocks.replaceAll('\n', eol));
};
