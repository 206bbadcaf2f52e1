/** `// protect: Q463, G6` or `// protect: Q404 (t=2 -> t=1)`; with `#` in files that comment so. */
const protectMark = /(?:\/\/|#) protect: ([A-Z]+\d+(?:, [A-Z]+\d+)*)(?: \((.+) -> (.*)\))?\s*$/;

/** Files whose comments start with `#`. */
export const hashComments = /(^|\/)(\.npmrc|\.gitignore|\.dockerignore|Dockerfile)$|\.ya?ml$/;

/** Whether a file of the project may hold guards: code that runs, and configuration that is enforced. */
export const mayHoldGuards = (path: string): boolean =>
  hashComments.test(path) || (/^(src|scripts|lint)\/.*\.(ts|js)$/.test(path) && !/^scripts\/(removal|docs)\//.test(path));

/** Where a statement is marked as the guard of an item. */
export interface GuardMark {
  readonly item: string;
  readonly file: string;
}

/** An attack test. */
export interface AttackMark {
  readonly item: string;
  readonly name: string;
  readonly file: string;
}

/** A marked statement. */
export interface Mark {
  readonly items: readonly string[];
  /** Where the guarding code starts, from 1. */
  readonly line: number;
  /** The code of that line. */
  readonly code: string;
  /** `[from, to]` when a value is weakened instead of a statement taken out. */
  readonly weaken: readonly [string, string] | undefined;
}

/** The marks of a text. One that stands alone belongs to the line under it. */
export const marksIn = (text: string): Mark[] => {
  if (!text.includes(' protect: ')) return [];
  return text.split('\n').flatMap((line, index, lines) => {
    const match = protectMark.exec(line);
    if (match === null) return [];
    const [mark, items = '', from, to] = match;
    const weaken = from === undefined || to === undefined ? undefined : ([from, to] as const);
    const found = { items: items.split(', '), weaken };
    const code = line.slice(0, -mark.length).trim();
    return code === '' ? [{ ...found, line: index + 2, code: lines[index + 1]?.trim() ?? '' }] : [{ ...found, line: index + 1, code }];
  });
};

/** The items that a file guards, each once. */
export const guardMarks = (file: string, text: string): GuardMark[] =>
  [...new Set(marksIn(text).flatMap(({ items }) => items))].map((item) => ({ item, file }));

/** The attacks of one test file: `attack('Q441', 'what it does', ...)`. */
export const attackMarks = (file: string, text: string): AttackMark[] =>
  [...text.matchAll(/\battack\(\s*'([A-Z]+\d+)',\s*(['"`])((?:\\.|(?!\2).)*)\2/gs)].flatMap(([, item, , name]) =>
    item === undefined || name === undefined ? [] : [{ item, name: name.replaceAll(/\\(['"`])/g, '$1'), file }],
  );
