import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hasMarks } from '../src/merge/sides.ts';
import { type Tree, sortedTree } from '../src/tree.ts';
import { type MergeCase, mergeCase, mergeCases } from '../tests/engine/merge-case.ts';
import { edited, mergedApp, ownFiles } from '../tests/engine/merging.ts';

/** `node bench/merge.ts`: the corpus of upgrades, by our merge, by `git merge-file` on the raw text, and by writing everything anew. */
const scratch = mkdtempSync(path.join(tmpdir(), 'bench-merge-'));

/** Ours: with the moves that git knows. */
const merged = async ({ base, ours, theirs, moves }: MergeCase): Promise<Tree> => ownFiles(await mergedApp(edited(base, ours), theirs, moves));

/** What a script around `git merge-file` does: every file by its path, line by line; what is missing on one side is written. */
const mergeFile = ({ base, ours, theirs }: MergeCase): Tree => {
  const result = new Map(ours);
  for (const [file, text] of theirs) {
    const mine = ours.get(file);
    const sides = [mine, base.get(file) ?? '', text].map((side, index) => {
      const place = path.join(scratch, String(index));
      writeFileSync(place, side ?? '');
      return place;
    });
    result.set(file, mine === undefined ? text : spawnSync('git', ['merge-file', '-p', '-q', ...sides], { encoding: 'utf8' }).stdout);
  }
  for (const file of base.keys()) if (!theirs.has(file)) result.delete(file);
  return result;
};

const regenerated = ({ base, ours, theirs }: MergeCase): Tree => sortedTree([...[...ours].filter(([file]) => !base.has(file)), ...theirs]);

/** How often each word stands in a tree. */
const wordsOf = (tree: Tree): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const text of tree.values()) for (const [word] of text.matchAll(/[\p{L}\p{N}_]+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

/** Whether an edit is gone: a word that only the user has is nowhere, or a file that they took out or moved away is back. */
const loses = ({ base, ours, theirs, moves }: MergeCase, result: Tree): boolean => {
  const [had, mine, emitted, has] = [base, ours, theirs, result].map(wordsOf);
  const own = [...(mine ?? [])].filter(([word]) => !had?.has(word) && !emitted?.has(word));
  const isBack = [...base.keys()].some((file) => !ours.has(file) && result.has(file) && (theirs.has(file) || moves.has(file)));
  return own.some(([word, count]) => (has?.get(word) ?? 0) < count) || isBack;
};

const same = (a: Tree, b: Tree): boolean => JSON.stringify([...a]) === JSON.stringify([...b]);

const count = async (name: string, run: (one: MergeCase) => Tree | Promise<Tree>): Promise<void> => {
  const cases = mergeCases.map(mergeCase);
  const seen = { clean: 0, conflict: 0, lost: 0, expected: 0 };
  for (const one of cases) {
    const result = await run(one);
    const conflict = [...result.values()].some(hasMarks);
    seen[conflict ? 'conflict' : 'clean'] += 1;
    if (loses(one, result)) seen.lost += 1;
    if (same(sortedTree(result), sortedTree(one.expected))) seen.expected += 1;
  }
  console.log(`| ${[name, cases.length, seen.clean, seen.conflict, seen.lost, seen.expected].join(' | ')} |`);
};

try {
  execFileSync('git', ['--version']);
  console.log('| by | cases | without conflict | with conflict | an edit lost | as expected |\n|---|---|---|---|---|---|');
  await count('create-secure-app', merged);
  await count('git merge-file', mergeFile);
  await count('writing anew', regenerated);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
