import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { sortedTree, type Tree } from '../../src/tree.ts';
import { baseOf, edited, mergedApp, ownFiles } from './merging.ts';

const corpus = path.join(repositoryRoot, 'tests/merge-cases');

/** The files of a folder of a case; a byte order mark, CR and the end of a file are as they stand. */
const treeIn = (folder: string): Tree => {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return sortedTree(files.map((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return [path.relative(folder, file).replaceAll('\\', '/'), readFileSync(file, 'utf8')] as const;
  }));
};

const names = readdirSync(corpus).toSorted();

test('there are at least forty cases', () => expect(names.length).toBeGreaterThanOrEqual(40));

describe.each(names)('%s', (name) => {
  const at = (folder: string): string => path.join(corpus, name, folder);
  const moves = new Map<string, string>(existsSync(at('moves.json')) ? Object.entries(JSON.parse(readFileSync(at('moves.json'), 'utf8'))).map(([from, to]) => [from, String(to)]) : []);
  const [base, ours, theirs] = [treeIn(at('base')), treeIn(at('ours')), treeIn(at('theirs'))];

  test('gives the expected tree and outcomes; again, it changes nothing', async () => {
    const merged = await mergedApp(edited(base, ours), theirs, moves);
    expect(Object.fromEntries(ownFiles(merged))).toEqual(Object.fromEntries(treeIn(at('expected'))));
    const outcomes = merged.outcomes.map(({ path: file, at: place, outcome, conflicts }) => `${outcome} ${file}${place === file ? '' : ` at ${place}`}${conflicts > 0 ? ` (${conflicts})` : ''}\n`).join('');
    expect(outcomes).toBe(readFileSync(at('outcomes.txt'), 'utf8'));
    const again = await mergedApp(merged, theirs, moves);
    expect(again.changes).toBe(0);
    // The base of a file in conflict stays where it was.
    const waiting = new Set(merged.outcomes.filter(({ outcome }) => outcome === 'conflict').map(({ path: file }) => file));
    const settled = (tree: Tree): unknown => Object.fromEntries([...tree].filter(([file]) => !waiting.has(file)));
    expect(settled(baseOf(merged))).toEqual(settled(theirs));
  });
});
