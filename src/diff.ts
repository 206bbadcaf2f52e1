/** A new file as a unified diff. */
export const addedFile = (path: string, text: string): string => {
  const body = linesIn(text);
  const head = `--- /dev/null\n+++ b/${path}\n`;
  return body.length === 0 ? head : `${head}@@ -0,0 +1,${body.length} @@\n${shown('+', body)}`;
};

/** Lines, each with its end. */
const linesIn = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const shown = (sign: string, lines: readonly string[]): string => lines.map((line) => (line.endsWith('\n') ? `${sign}${line}` : `${sign}${line}\n\\ No newline at end of file\n`)).join('');

/** What two texts differ in: `[aStart, aEnd)` of the lines of the one became `[bStart, bEnd)` of the other. */
export interface LineHunk {
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

/** A file that changed, as a unified diff with three lines around each change; null where there is no file. */
export const changedFile = (path: string, before: string | null, after: string | null, hunksOf: (a: readonly string[], b: readonly string[]) => LineHunk[]): string => {
  if (before === null) return addedFile(path, after ?? '');
  const [a, b] = [linesIn(before), linesIn(after ?? '')];
  const groups: LineHunk[][] = [];
  for (const hunk of hunksOf(a, b)) {
    const last = groups.at(-1);
    if (last !== undefined && hunk.aStart - (last.at(-1)?.aEnd ?? 0) <= 6) last.push(hunk);
    else groups.push([hunk]);
  }
  const text = groups.map((hunks) => {
    const [first, last] = [hunks[0], hunks.at(-1)];
    if (first === undefined || last === undefined) return '';
    const start = Math.max(0, first.aStart - 3);
    const end = Math.min(a.length, last.aEnd + 3);
    const bStart = first.bStart - (first.aStart - start);
    const bEnd = last.bEnd + (end - last.aEnd);
    let done = start;
    const body = hunks.map(({ aStart, aEnd, bStart: from, bEnd: to }) => {
      const around = shown(' ', a.slice(done, aStart));
      done = aEnd;
      return `${around}${shown('-', a.slice(aStart, aEnd))}${shown('+', b.slice(from, to))}`;
    });
    return `@@ -${range(start, end)} +${range(bStart, bEnd)} @@\n${body.join('')}${shown(' ', a.slice(done, end))}`;
  });
  return `--- a/${path}\n+++ ${after === null ? '/dev/null' : `b/${path}`}\n${text.join('')}`;
};

/** Of lines counted from one; an empty range names the line before it. */
const range = (start: number, end: number): string => `${end === start ? start : start + 1},${end - start}`;
