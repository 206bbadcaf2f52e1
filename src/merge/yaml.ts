import { type Document, type YAMLMap, isMap, isScalar, parseDocument } from 'yaml';
import { type Edit, applied } from './code.ts';
import type { Sides } from './sides.ts';

/** A pair of a mapping that has lines of its own: from the comment above it to the end of its value. */
interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly start: number;
  readonly end: number;
}

interface Source {
  readonly text: string;
  readonly document: Document.Parsed;
}

/**
 * Merges YAML by key, as edits of our text: comments and the format of what nobody changed stay.
 * @returns nothing where one of the texts is no YAML, or no mapping.
 */
export const mergeYaml = (base: string, ours: string, theirs: string): Sides | undefined => {
  const [b, o, t] = [source(base), source(ours), source(theirs)];
  const [was, mine, is] = [b, o, t].map((one) => (one.document.errors.length === 0 && isMap(one.document.contents) ? entriesOf(one, one.document.contents) : undefined));
  if (mine === undefined || is === undefined || (was === undefined && base !== '')) return undefined;
  const edits: Edits = { mine: [], theirs: [] };
  merge({ source: b, entries: was ?? [] }, { source: o, entries: mine }, { source: t, entries: is }, edits);
  const sides: Sides = { mine: applied(ours, edits.mine), theirs: applied(ours, edits.theirs) };
  const isRight = [sides.mine, sides.theirs].every((text) => parseDocument(text).errors.length === 0);
  return isRight ? sides : undefined;
};

const source = (text: string): Source => ({ text, document: parseDocument(text) });

interface Edits {
  readonly mine: Edit[];
  readonly theirs: Edit[];
}

interface Mapping {
  readonly source: Source;
  readonly entries: readonly Entry[];
}

/** @returns nothing for a mapping in braces, which has no lines of its own. */
const entriesOf = ({ text }: Source, map: YAMLMap): Entry[] | undefined => {
  if (map.flow === true) return undefined;
  const entries = map.items.flatMap(({ key, value }): Entry[] => {
    if (!isScalar(key) || key.range === null || key.range === undefined) return [];
    const valueEnd = rangeEnd(value) ?? key.range[1] + 1;
    const lastSign = text.slice(0, Math.max(valueEnd, key.range[1] + 1)).trimEnd().length;
    const lineEnd = text.indexOf('\n', Math.max(lastSign, key.range[1]));
    return [{ key: String(key.value), value, start: commentStart(text, key.range[0]), end: lineEnd < 0 ? text.length : lineEnd + 1 }];
  });
  return entries.length === map.items.length ? entries : undefined;
};

const rangeEnd = (node: unknown): number | undefined => {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const end: unknown = node.range[1];
  return typeof end === 'number' ? end : undefined;
};

/** Of the lines of comment right above. */
const commentStart = (text: string, at: number): number => {
  let start = text.lastIndexOf('\n', at - 1) + 1;
  for (;;) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    if (start === 0 || !/^[ \t]*#/.test(text.slice(above, start))) return start;
    start = above;
  }
};

const indentOf = (text: string, { start }: Entry): string => /^[ \t]*/.exec(text.slice(start))?.[0] ?? '';

const codeOf = ({ source: { text } }: Mapping, { start, end }: Entry): string => text.slice(start, end);

const merge = (base: Mapping, ours: Mapping, theirs: Mapping, edits: Edits): void => {
  const find = ({ entries }: Mapping, key: string): Entry | undefined => entries.find((entry) => entry.key === key);
  const both = (edit: Edit): void => {
    edits.mine.push(edit);
    edits.theirs.push(edit);
  };
  const [sample] = ours.entries;
  const indent = sample === undefined ? '' : indentOf(ours.source.text, sample);
  const written = (entry: Entry): string => {
    const text = codeOf(theirs, entry);
    const was = indentOf(theirs.source.text, entry);
    const lines = text.endsWith('\n') ? text : `${text}\n`;
    return was === indent ? lines : lines.replaceAll(new RegExp(`^${was}`, 'gm'), indent);
  };
  for (const was of base.entries) {
    const [mine, is] = [find(ours, was.key), find(theirs, was.key)];
    if (mine === undefined || is !== undefined) continue;
    if (isSame(codeOf(base, was), codeOf(ours, mine))) both({ start: mine.start, end: mine.end, text: '' });
  }
  theirs.entries.forEach((is, index) => {
    const [was, mine] = [find(base, is.key), find(ours, is.key)];
    if (mine === undefined) {
      if (was !== undefined) return;
      const before = theirs.entries.slice(0, index).map(({ key }) => find(ours, key)).findLast((entry) => entry !== undefined);
      const last = ours.entries.at(-1);
      const at = before?.end ?? last?.end ?? ours.source.text.length;
      const gap = /\n[ \t]*\n$/.test(theirs.source.text.slice(0, is.start)) ? '\n' : '';
      both({ start: at, end: at, text: `${ours.source.text[at - 1] === '\n' ? '' : '\n'}${gap}${written(is)}` });
      return;
    }
    if (isSame(codeOf(theirs, is), codeOf(ours, mine)) || (was !== undefined && isSame(codeOf(base, was), codeOf(theirs, is)))) return;
    if (was !== undefined && isSame(codeOf(base, was), codeOf(ours, mine))) {
      both({ start: mine.start, end: mine.end, text: written(is) });
      return;
    }
    const inside = [[base, was], [ours, mine], [theirs, is]] as const;
    const [b, o, t] = inside.map(([mapping, entry]) => (entry !== undefined && isMap(entry.value) ? entriesOf(mapping.source, entry.value) : undefined));
    if (o !== undefined && t !== undefined) merge({ source: base.source, entries: b ?? [] }, { source: ours.source, entries: o }, { source: theirs.source, entries: t }, edits);
    else edits.theirs.push({ start: mine.start, end: mine.end, text: written(is) });
  });
};

const isSame = (a: string, b: string): boolean => a.trimEnd() === b.trimEnd();
