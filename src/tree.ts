/** Files in memory: path -> text. Nothing is on disk until commit. Paths are relative, with `/`. */
export type Tree = ReadonlyMap<string, string>;

/** The same on every machine: by UTF-16 code units, never by locale. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A tree in the order of its paths. */
export const sortedTree = (entries: Iterable<readonly [string, string]>): Tree => {
  const texts = new Map(entries);
  return new Map([...texts.keys()].toSorted().map((path) => [path, texts.get(path) ?? '']));
};

/** An object with its keys in order, so that equal data has equal bytes. */
export const sortedRecord = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => byText(a, b)));

/** Each value once, in order. */
export const sortedSet = (values: Iterable<string>): string[] => [...new Set(values)].toSorted(byText);

const windowsDevice = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * Says why a path must not be written below a project, or nothing when it may be. Refuses what leaves the project
 * (CWE-22), what git or Windows would read as something else, and what hides from the eye.
 */
export const pathProblem = (path: string): string | undefined => {
  if (path === '' || path.length > 400) return 'is empty or too long';
  if (/^[/\\~]|^[a-z]:/i.test(path)) return 'is absolute';
  if (/[\\\0-\x1f\x7f:*?"<>|\u202a-\u202e\u2066-\u2069]/.test(path)) return 'holds a character that no emitted file has';
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') return 'leaves its folder';
    if (segment.toLowerCase() === '.git') return 'is inside .git';
    if (windowsDevice.test(segment) || /[. ]$/.test(segment)) return 'is a reserved name';
  }
  return undefined;
};
