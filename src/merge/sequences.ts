import imported from '@jest/diff-sequences';

// Its types tell of the CommonJS module; as an ES module it exports the function itself.
const diffSequences = 'default' in imported ? imported.default : imported;

/** Where two sequences differ: `[aStart, aEnd)` of the one became `[bStart, bEnd)` of the other. */
export interface Hunk {
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

/** The places where `b` differs from `a`, in order; no two of them touch. */
export const hunksOf = (a: readonly string[], b: readonly string[]): Hunk[] => {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const hunks: Hunk[] = [];
  let aDone = start;
  let bDone = start;
  const until = (aNext: number, bNext: number): void => {
    if (aNext > aDone || bNext > bDone) hunks.push({ aStart: aDone, aEnd: aNext, bStart: bDone, bEnd: bNext });
  };
  diffSequences(a.length - start - end, b.length - start - end, (x, y) => a[start + x] === b[start + y], (count, x, y) => {
    until(start + x, start + y);
    aDone = start + x + count;
    bDone = start + y + count;
  });
  until(a.length - end, b.length - end);
  return hunks;
};

/** A stretch of the base that one side or both have changed, with what stands there on each side. */
export interface Region {
  readonly by: 'ours' | 'theirs' | 'both';
  readonly base: readonly [start: number, end: number];
  readonly ours: readonly [start: number, end: number];
  readonly theirs: readonly [start: number, end: number];
}

/** Changes of two sides to one base. Those that overlap, or touch so that their order is anybody's guess, are one region. */
export const regionsOf = (ours: readonly Hunk[], theirs: readonly Hunk[]): Region[] => {
  const regions: Region[] = [];
  let [i, j, oursShift, theirsShift] = [0, 0, 0, 0];
  for (let first = nextOf(ours[i], theirs[j]); first !== undefined; first = nextOf(ours[i], theirs[j])) {
    const start = first.aStart;
    let end = first.aEnd;
    const [oursFrom, theirsFrom] = [i, j];
    const [oursStart, theirsStart] = [start + oursShift, start + theirsShift];
    for (;;) {
      const mine = ours[i];
      const other = theirs[j];
      if (mine !== undefined && (mine.aStart < end || touches(mine, start, end))) {
        end = Math.max(end, mine.aEnd);
        oursShift = mine.bEnd - mine.aEnd;
        i += 1;
      } else if (other !== undefined && (other.aStart < end || touches(other, start, end))) {
        end = Math.max(end, other.aEnd);
        theirsShift = other.bEnd - other.aEnd;
        j += 1;
      } else break;
    }
    const by = j === theirsFrom ? 'ours' : i === oursFrom ? 'theirs' : 'both';
    regions.push({ by, base: [start, end], ours: [oursStart, end + oursShift], theirs: [theirsStart, end + theirsShift] });
  }
  return regions;
};

const touches = ({ aStart }: Hunk, start: number, end: number): boolean => aStart >= start && aStart <= end;

const nextOf = (a: Hunk | undefined, b: Hunk | undefined): Hunk | undefined => (a === undefined || (b !== undefined && b.aStart < a.aStart) ? b : a);
