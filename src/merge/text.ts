import { hunksOf, regionsOf } from './sequences.ts';
import { type Sides, linesOf } from './sides.ts';

/** What two lines must have in common to count as one and the same. */
export type LineKey = (line: string) => string;

const asIs: LineKey = (line) => line;

/** Merges three texts line by line. Of lines that count as the same on both sides, ours stays. */
export const mergeText = (base: string, ours: string, theirs: string, key: LineKey = asIs): Sides => {
  const [b, o, t] = [linesOf(base), linesOf(ours), linesOf(theirs)];
  const keys = (lines: readonly string[]): readonly string[] => (key === asIs ? lines : lines.map(key));
  const [bKeys, oKeys, tKeys] = [keys(b), keys(o), keys(t)];
  const mine: string[] = [];
  const other: string[] = [];
  let done = 0;
  for (const region of regionsOf(hunksOf(bKeys, oKeys), hunksOf(bKeys, tKeys))) {
    const [start, end] = region.ours;
    const before = o.slice(done, start);
    const ourLines = o.slice(start, end);
    const theirLines = t.slice(...region.theirs);
    const isSame = region.by === 'both' && ourLines.length === theirLines.length && ourLines.every((line, index) => key(line) === key(theirLines[index] ?? ''));
    mine.push(...before, ...(region.by === 'theirs' ? theirLines : ourLines));
    other.push(...before, ...(region.by === 'ours' || isSame ? ourLines : theirLines));
    done = end;
  }
  const rest = o.slice(done);
  return { mine: [...mine, ...rest].join(''), theirs: [...other, ...rest].join('') };
};

/** The same but for spaces, and for the width of the columns of a table: what a formatter changes in prose. */
export const looseKey: LineKey = (line) => line.trim().replace(/\s*\|\s*/g, '|').replace(/:?-{3,}:?/g, '---').replace(/\s+/g, ' ');
