import { hunksOf } from './sequences.ts';

/** A merge: two texts that are equal but where the sides are in conflict. */
export interface Sides {
  readonly mine: string;
  readonly theirs: string;
}

/** What stands behind the marks of a conflict. */
export interface Labels {
  readonly ours: string;
  readonly theirs: string;
}

/** A text with its conflicts marked, and how many there are. */
export interface Marked {
  readonly text: string;
  readonly conflicts: number;
}

/** Lines with their ends. */
export const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Writes both sides of each conflict into the text, as git does. */
export const marked = ({ mine, theirs }: Sides, labels: Labels): Marked => {
  if (mine === theirs) return { text: mine, conflicts: 0 };
  const [a, b] = [linesOf(mine), linesOf(theirs)];
  const hunks = joined(hunksOf(a, b), a);
  const parts: string[] = [];
  let done = 0;
  for (const { aStart, aEnd, bStart, bEnd } of hunks) {
    parts.push(...a.slice(done, aStart), `<<<<<<< ${labels.ours}\n`, ...whole(a.slice(aStart, aEnd)), '=======\n', ...whole(b.slice(bStart, bEnd)), `>>>>>>> ${labels.theirs}\n`);
    done = aEnd;
  }
  return { text: [...parts, ...a.slice(done)].join(''), conflicts: hunks.length };
};

const whole = (lines: readonly string[]): string[] => lines.map((line) => (line.endsWith('\n') ? line : `${line}\n`));

/** Conflicts with nothing but brackets and empty lines between them are one. */
const joined = (hunks: ReturnType<typeof hunksOf>, lines: readonly string[]): ReturnType<typeof hunksOf> => {
  const result: ReturnType<typeof hunksOf> = [];
  for (const hunk of hunks) {
    const last = result.at(-1);
    if (last !== undefined && lines.slice(last.aEnd, hunk.aStart).every((line) => !/[\p{L}\p{N}]/u.test(line))) {
      result[result.length - 1] = { ...last, aEnd: hunk.aEnd, bEnd: hunk.bEnd };
    } else result.push(hunk);
  }
  return result;
};

/** Whether somebody has yet to choose between two sides in this text. */
export const hasMarks = (text: string): boolean => /^<<<<<<< /m.test(text) && /^>>>>>>> /m.test(text);
