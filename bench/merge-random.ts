import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { proseFromSources } from '../scripts/catalogue/prose.ts';
import { readCatalogue } from '../scripts/catalogue/read.ts';
import { mergeFile } from '../src/merge/file.ts';
import { plan } from '../src/plan.ts';
import { render } from '../src/render.ts';
import { at, randomFrom, reformatted, worked } from '../tests/engine/edits.ts';

// What becomes of edits in an upgrade: ours, `git merge-file` on the raw text, and emitting the file anew. Random edits of
// people against random changes of templates, seeded; a third of the files reformatted by prettier.
const runs = Number(process.argv[2] ?? 300);
const { catalogue, proseSources } = await readCatalogue();
const tree = render(plan({ name: 'my-app', preset: 'web', pinNode: false }, catalogue), catalogue, proseFromSources(proseSources));
const sources = [...tree].filter(([file, text]) => /^(?:src|tests)\/.*\.ts$/.test(file) && text.length < 12_000).map(([, text]) => text);
const folder = mkdtempSync(path.join(tmpdir(), 'merges-'));

interface Count {
  clean: number;
  conflicts: number;
  lostEdits: number;
  lostFixes: number;
}
const counts: Record<'merged' | 'git merge-file' | 'emitted anew', Count> = {
  merged: { clean: 0, conflicts: 0, lostEdits: 0, lostFixes: 0 },
  'git merge-file': { clean: 0, conflicts: 0, lostEdits: 0, lostFixes: 0 },
  'emitted anew': { clean: 0, conflicts: 0, lostEdits: 0, lostFixes: 0 },
};

try {
  for (let seed = 1; seed <= runs; seed += 1) {
    const random = randomFrom(seed);
    const base = at(sources, random) ?? '';
    const user = worked(base, 'user', random);
    const ours = random(3) === 0 ? await reformatted(user.text, random) : user.text;
    const theirs = worked(base, 'fix', random);
    const count = (way: keyof typeof counts, text: string, isConflict: boolean): void => {
      const of = counts[way];
      if (isConflict) of.conflicts += 1;
      else of.clean += 1;
      of.lostEdits += user.marks.filter((mark) => !text.includes(mark)).length;
      of.lostFixes += theirs.marks.filter((mark) => !text.includes(mark)).length;
    };
    const { text, conflicts } = await mergeFile('a.ts', { base, ours, theirs: theirs.text }, { ours: 'yours', theirs: 'theirs' });
    count('merged', text, conflicts > 0);
    const files = Object.entries({ ours, base, theirs: theirs.text }).map(([name, content]) => {
      writeFileSync(path.join(folder, name), content);
      return path.join(folder, name);
    });
    const { stdout, status } = spawnSync('git', ['merge-file', '-p', ...files], { encoding: 'utf8' });
    count('git merge-file', stdout, status !== 0);
    count('emitted anew', theirs.text, false);
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.table(counts);
