import { type Hunk, hunksOf, regionsOf } from './sequences.ts';
import type { Sides } from './sides.ts';
import { type Restyler, restyler } from './style.ts';
import { type Token, tokensOf } from './tokens.ts';

/** More than this many tokens are nobody's source. */
const maxTokens = 200_000;

/**
 * Merges code by what it says, not by how it is laid out: what theirs changed is put into ours, which keeps its format.
 * Two sides are in conflict where both changed one line of the base, or lines that touch, as when merging by lines.
 * @returns nothing where what comes out is not what should.
 */
export const mergeCode = (base: string, ours: string, theirs: string): Sides | undefined => {
  const [b, o, t] = [tokensOf(base), tokensOf(ours), tokensOf(theirs)];
  if (b.length + o.length + t.length > maxTokens) return undefined;
  const [bKeys, oKeys, tKeys] = [keysOf(b), keysOf(o), keysOf(t)];
  const lines = lineNumbers(base, b);
  const ourHunks = hunksOf(bKeys, oKeys);
  const theirHunks = hunksOf(bKeys, tKeys);
  const regions = regionsOf(byLines(ourHunks, lines), byLines(theirHunks, lines));
  const restyle = restyler(base, ours);
  const write = editor(lines, ours, o, theirs, t, restyle);
  const clean: Edit[] = [];
  const forced: Edit[] = [];
  const cleanKeys: string[] = [];
  const forcedKeys: string[] = [];
  let done = 0;
  for (const { by, base: [start, end], ours: [ourStart, ourEnd], theirs: [theirStart, theirEnd] } of regions) {
    const [mine, other] = [oKeys.slice(ourStart, ourEnd), tKeys.slice(theirStart, theirEnd)];
    const before = oKeys.slice(done, ourStart);
    done = ourEnd;
    if (by === 'theirs') {
      const shift = ourStart - start;
      for (const hunk of theirHunks) if (hunk.aStart >= start && hunk.aEnd <= end) clean.push(...write(hunk, hunk.aStart + shift, hunk.aEnd + shift));
    } else if (by === 'both' && !isEqual(mine, other)) {
      forced.push(...write({ aStart: start, aEnd: end, bStart: theirStart, bEnd: theirEnd }, ourStart, ourEnd));
    }
    cleanKeys.push(...before, ...(by === 'theirs' ? other : mine));
    forcedKeys.push(...before, ...(by === 'ours' ? mine : other));
  }
  const rest = oKeys.slice(done);
  const sides: Sides = { mine: applied(ours, clean), theirs: applied(ours, [...clean, ...forced]) };
  const isRight = isEqual(keysOf(tokensOf(sides.mine)), [...cleanKeys, ...rest]) && isEqual(keysOf(tokensOf(sides.theirs)), [...forcedKeys, ...rest]);
  return isRight ? sides : undefined;
};

const keysOf = (tokens: readonly Token[]): string[] => tokens.map(({ key }) => key);

const isEqual = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((key, index) => key === b[index]);

/** The line of each token. */
const lineNumbers = (text: string, tokens: readonly Token[]): number[] => {
  let [line, at] = [0, 0];
  return tokens.map(({ start }) => {
    for (; at < start; at += 1) if (text[at] === '\n') line += 1;
    return line;
  });
};

/** Widens changes to whole lines of the base: two changes in one line are one. */
const byLines = (hunks: readonly Hunk[], lines: readonly number[]): Hunk[] => {
  const wide: Hunk[] = [];
  for (const { aStart, aEnd, bStart, bEnd } of hunks) {
    let [start, end] = [aStart, aEnd];
    if (start < end || (start > 0 && start < lines.length && lines[start - 1] === lines[start])) {
      while (start > 0 && lines[start - 1] === lines[start]) start -= 1;
      while (end < lines.length && end > 0 && lines[end] === lines[end - 1]) end += 1;
    }
    const widened: Hunk = { aStart: start, aEnd: end, bStart: bStart - (aStart - start), bEnd: bEnd + (end - aEnd) };
    const last = wide.at(-1);
    if (last !== undefined && last.aEnd >= widened.aStart) {
      const joint = Math.max(last.aEnd, widened.aEnd);
      wide[wide.length - 1] = { aStart: last.aStart, bStart: last.bStart, aEnd: joint, bEnd: widened.bEnd + joint - widened.aEnd };
    } else wide.push(widened);
  }
  return wide;
};

/** What a stretch of a text becomes. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text with its edits; none of them overlap. */
export const applied = (text: string, edits: readonly Edit[]): string => {
  const parts: string[] = [];
  let done = 0;
  for (const edit of [...edits].toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    parts.push(text.slice(done, edit.start), edit.text);
    done = Math.max(done, edit.end);
  }
  return `${parts.join('')}${text.slice(done)}`;
};

/** Writes tokens of theirs over tokens of ours; what stands between tokens comes along with what is new. */
const editor =
  (lines: readonly number[], ours: string, o: readonly Token[], theirs: string, t: readonly Token[], restyle: Restyler) =>
  ({ aStart, bStart, bEnd }: Hunk, start: number, end: number): Edit[] => {
    const [first, last] = [t[bStart], t[bEnd - 1]];
    const from = o[start - 1]?.end ?? 0;
    const to = end > start ? (o[end - 1]?.end ?? from) : from;
    const follows = ours.slice(to, o[end]?.start ?? ours.length);
    const trailing = theirs.slice(t[bEnd - 1]?.end ?? 0, t[bEnd]?.start ?? theirs.length);
    // A semicolon or comma that formatters may leave out stands behind its token, and is no token: it stays, goes or comes with that.
    const [optional = ''] = /^\s*[;,]/.exec(follows) ?? [];
    const wanted = /^\s*([;,])/.exec(trailing)?.[1] ?? '';
    if (end === start && bEnd - bStart === 1 && first?.key === ',' && optional.endsWith(',')) return [];
    const isLineComment = last !== undefined && bEnd > bStart && last.kind === 'comment' && last.key.startsWith('//');
    const stays = optional !== '' && optional.endsWith(wanted) && wanted !== '' && !isLineComment;
    const closing = stays || isLineComment || (wanted === ';' && !restyle.semicolons) || (wanted === ',' && optional === '') ? '' : wanted;
    const until = stays ? to : to + optional.length;
    if (first === undefined || last === undefined || bEnd <= bStart) return [{ start: from, end: until, text: closing }];
    const newline = isLineComment && !/^[^\S\n]*\n/.test(ours.slice(until)) ? '\n' : '';
    if (end > start) {
      const at = o[start]?.start ?? from;
      return [{ start: at, end: until, text: `${restyle(theirs.slice(first.start, last.end))}${closing}${newline}` }];
    }
    if (start === 0) return [{ start: 0, end: 0, text: restyle(theirs.slice(0, t[bEnd]?.start ?? theirs.length)) }];
    const text = restyle(theirs.slice(t[bStart - 1]?.end ?? 0, last.end));
    // Lines of the base that ours has joined: what is new joins them.
    const onNextLine = lines.findIndex((line, index) => index >= aStart && line > (lines[aStart - 1] ?? 0)) - aStart;
    const isJoined = onNextLine >= 0 && !ours.slice(from, o[end + onNextLine]?.start ?? ours.length).includes('\n');
    const hasComment = t.slice(bStart, bEnd).some(({ kind }) => kind === 'comment' || kind === 'template');
    return [{ start: from, end: until, text: `${isJoined && !hasComment ? text.replace(/\s*\n\s*/g, ' ') : text}${closing}${newline}` }];
  };
