import { readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Changed } from './change.ts';
import { readerOf } from './installed.ts';

/** A line of the user's own that imports what is about to go. */
export interface Use {
  readonly path: string;
  /** Counted from one. */
  readonly line: number;
  readonly specifier: string;
}

const leftOut = /^(?:node_modules|\.git|\.secure-app.*|data|dist|coverage)$/;
const isCode = /\.[cm]?[jt]sx?$/;

/** What is still built on files that a change removes: imports in files that stay, sorted by path. */
export const usesOfRemoved = ({ root, outcomes, puts, removes }: Changed): Use[] => {
  const gone = new Set([...removes.keys()].filter((path) => isCode.test(path) && !path.startsWith('.secure-app/')));
  if (gone.size === 0) return [];
  const read = readerOf(root);
  const kept = new Set(outcomes.filter(({ outcome }) => outcome === 'kept-edited').map(({ at }) => at));
  return codeBelow(root, '').flatMap((path) => {
    if (gone.has(path) || kept.has(path)) return [];
    const found = read(path);
    const text = puts.get(path)?.text ?? (found.kind === 'text' ? found.text : '');
    return importsIn(text).flatMap(({ specifier, line }) => (gone.has(resolved(path, specifier)) ? [{ path, line, specifier }] : []));
  });
};

const codeBelow = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return leftOut.test(entry.name) ? [] : codeBelow(root, path);
      return entry.isFile() && isCode.test(entry.name) ? [path] : [];
    });

const importsIn = (text: string): { readonly specifier: string; readonly line: number }[] =>
  [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"\n]+)\1/g)].flatMap(({ index, 2: specifier }) =>
    specifier === undefined ? [] : [{ specifier, line: text.slice(0, index).split('\n').length }],
  );

/** The file that an import of the app means. */
const resolved = (path: string, specifier: string): string => {
  if (specifier.startsWith('#')) return specifier.slice(1);
  return specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)).replace(/\.js$/, '.ts') : '';
};
