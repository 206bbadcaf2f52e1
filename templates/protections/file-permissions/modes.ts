import { type Stats, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Files that hold secrets by their name. `.env.example` does not. */
const secretName = /^\.env(?:\.(?!example$).+)?$|\.(?:key|p12|pfx)$|key\.pem$/;

const statOf = (path: string): Stats | undefined => {
  try {
    return statSync(path);
  } catch {
    // Absent, or out of reach for this process: then it is not this process that gives it away.
    return undefined;
  }
};

const namesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
};

/** Secret files that others on this machine may read or change: every file in `secrets/`, and by name elsewhere (CWE-732). */
export const looseSecrets = (root: string, directories: readonly string[]): string[] => {
  const secrets = join(root, 'secrets');
  const candidates = [secrets, root, ...directories].flatMap((directory) => {
    const names = namesIn(directory);
    return (directory === secrets ? names : names.filter((name) => secretName.test(name))).map((name) => join(directory, name));
  });
  return candidates.filter((path) => {
    const stats = statOf(path);
    return stats?.isFile() === true && (stats.mode & 0o077) !== 0;
  });
};

/** Those of `directories` in which everybody may create and replace files (CWE-276). */
export const worldWritable = (directories: readonly string[]): string[] =>
  directories.filter((directory) => ((statOf(directory)?.mode ?? 0) & 0o002) !== 0);
