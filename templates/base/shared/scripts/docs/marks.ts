/** `// protect: Q463, G6` or `// protect: Q404 (t=2 -> t=1)`; with `#` in files that comment so. */
export const protectMark = /(?:\/\/|#) protect: ([A-Z]+\d+(?:, [A-Z]+\d+)*)(?: \((.+) -> (.*)\))?\s*$/;

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

/** The marks of one file, one for each item that it guards. */
export const guardMarks = (file: string, text: string): GuardMark[] => {
  if (!text.includes(' protect: ')) return [];
  const items = text.split('\n').flatMap((line) => protectMark.exec(line)?.[1]?.split(', ') ?? []);
  return [...new Set(items)].map((item) => ({ item, file }));
};

/** The attacks of one test file: `attack('Q441', 'what it does', ...)`. */
export const attackMarks = (file: string, text: string): AttackMark[] =>
  [...text.matchAll(/\battack\(\s*'([A-Z]+\d+)',\s*(['"`])((?:\\.|(?!\2).)*)\2/gs)].flatMap(([, item, , name]) =>
    item === undefined || name === undefined ? [] : [{ item, name: name.replaceAll(/\\(['"`])/g, '$1'), file }],
  );
