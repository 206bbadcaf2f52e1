import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const notOurs = new Set(['node_modules', '.git', '.secure-app', 'data', 'dist']);

/** The paths of the project's own files, relative to `root`, with slashes, sorted. */
export const projectFiles = (root: string, folder = ''): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : projectFiles(root, path);
      return entry.isFile() ? [path] : [];
    });
