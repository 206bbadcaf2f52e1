import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OnDisk } from './merge/tree.ts';

const notOurs = new Set(['node_modules', '.git', '.secure-app', 'dist', 'build', 'coverage', 'data']);
const mostFiles = 5000;

/** Texts of the code below `root`, by path, but for what is known already; follows no symbolic link. */
export const projectCode = (root: string, read: (path: string) => OnDisk, known: ReadonlySet<string>): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>();
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined && texts.size < mostFiles; folder = folders.pop()) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory() && !notOurs.has(entry.name)) folders.push(`${path}/`);
      if (!entry.isFile() || known.has(path) || !/\.[cm]?[jt]s$/.test(entry.name)) continue;
      const found = read(path);
      if (found.kind === 'text') texts.set(path, found.text);
    }
  }
  return texts;
};
