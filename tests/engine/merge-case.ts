import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { type Tree, sortedTree } from '../../src/tree.ts';

const corpus = path.join(repositoryRoot, 'tests/merge-cases');

/** An upgrade: what was emitted, what its owner has, what is emitted now, what must come of it. */
export interface MergeCase {
  readonly name: string;
  readonly base: Tree;
  readonly ours: Tree;
  readonly theirs: Tree;
  readonly expected: Tree;
  /** A line for each file that the merge is about. */
  readonly outcomes: string;
  /** Files that their owner moved, as git knows it. */
  readonly moves: ReadonlyMap<string, string>;
}

/** The names of all cases, sorted. */
export const mergeCases: readonly string[] = readdirSync(corpus).toSorted();

export const mergeCase = (name: string): MergeCase => {
  const at = (part: string): string => path.join(corpus, name, part);
  const moves: Readonly<Record<string, string>> = existsSync(at('moves.json')) ? JSON.parse(readFileSync(at('moves.json'), 'utf8')) : {};
  return {
    name,
    base: treeIn(at('base')),
    ours: treeIn(at('ours')),
    theirs: treeIn(at('theirs')),
    expected: treeIn(at('expected')),
    outcomes: readFileSync(at('outcomes.txt'), 'utf8'),
    moves: new Map(Object.entries(moves)),
  };
};

/** The files of a folder of a case; a byte order mark, CR and the end of a file are as they stand. */
const treeIn = (folder: string): Tree => {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return sortedTree(
    files.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file).replaceAll('\\', '/'), readFileSync(file, 'utf8')] as const;
    }),
  );
};
