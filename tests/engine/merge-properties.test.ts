import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { change } from '../../src/change.ts';
import { sha256 } from '../../src/digest.ts';
import { realDisk } from '../../src/disk.ts';
import { withLock } from '../../src/lock.ts';
import { tokensOf } from '../../src/merge/tokens.ts';
import { plan } from '../../src/plan.ts';
import type { Tree } from '../../src/tree.ts';
import { undo } from '../../src/undo.ts';
import { edited, mergedApp, ownFiles } from './merging.ts';
import { at, isRight, randomFrom, reformatted, worked } from './edits.ts';
import { contentOf } from './faults.ts';
import { catalogue, renderProse, rendered, scratch, wish } from './fixtures.ts';

/** The text with one side of each conflict chosen. */
const chosen = (text: string, side: 'ours' | 'theirs'): string =>
  text.replace(/^<<<<<<< .*\n([\s\S]*?)^=======\n([\s\S]*?)^>>>>>>> .*\n/gm, (_, ours: string, theirs: string) => (side === 'ours' ? ours : theirs));

const sources = [...rendered({ preset: 'web' })].filter(([file, text]) => /^(?:src|tests)\/.*\.ts$/.test(file) && text.length < 12_000).map(([, text]) => text);

const first = Number(process.env['MERGE_FIRST'] ?? 1);
const runs = Number(process.env['MERGE_RUNS'] ?? 120);

test(`no edit is lost, and no fix: ${runs} random pairs of edits`, { timeout: 600_000 }, async () => {
  let [clean, conflicts] = [0, 0];
  for (let seed = first; seed <= runs; seed += 1) {
    const random = randomFrom(seed);
    const base = at(sources, random) ?? '';
    const user = worked(base, 'user', random);
    const isReformatted = random(3) === 0;
    const ours = isReformatted ? await reformatted(user.text, random) : random(8) === 0 ? user.text.replaceAll('\n', '\r\n') : user.text;
    const theirs = worked(base, 'fix', random);
    const file = 'src/a.ts';
    const isMoved = random(5) === 0;
    const place = isMoved ? 'lib/b.ts' : file;
    const moves = new Map<string, string>(isMoved ? [[file, place]] : []);
    const emitted: Tree = new Map([[file, theirs.text]]);
    const merged = await mergedApp(edited(new Map([[file, base]]), new Map([[place, ours]])), emitted, moves);
    const text = ownFiles(merged).get(place) ?? '';
    const about = `seed ${seed}`;
    for (const mark of user.marks) expect(text.includes(mark), `${about}: ${mark} of the user is lost`).toBe(true);
    for (const mark of theirs.marks) expect(text.includes(mark), `${about}: ${mark} does not arrive`).toBe(true);
    const again = await mergedApp(merged, emitted, moves);
    expect(again.changes, `${about}: a second run changes something`).toBe(0);
    const isConflict = merged.outcomes.some(({ outcome }) => outcome === 'conflict');
    if (isConflict) conflicts += 1;
    else clean += 1;
    // Each side of a conflict holds all that this side made.
    const [ourSide, theirSide] = [chosen(text.replaceAll('\r\n', '\n'), 'ours'), chosen(text.replaceAll('\r\n', '\n'), 'theirs')];
    expect([user.marks.filter((mark) => !ourSide.includes(mark)), theirs.marks.filter((mark) => !theirSide.includes(mark))], about).toEqual([[], []]);
    expect(isConflict || isRight(text), `${about}: it does not parse`).toBe(true);
  }
  expect(clean).toBeGreaterThan(conflicts);
  if (process.env['MERGE_RUNS'] !== undefined) process.stderr.write(`${clean} clean, ${conflicts} with conflicts\n`);
});

test('what was only reformatted takes every change, as an unformatted one does', { timeout: 600_000 }, async () => {
  let conflicts = 0;
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = randomFrom(seed * 7919);
    const base = at(sources, random) ?? '';
    const theirs = worked(base, 'fix', random);
    const ours = await reformatted(base, random);
    const merged = await mergedApp(edited(new Map([['a.ts', base]]), new Map([['a.ts', ours]])), new Map([['a.ts', theirs.text]]));
    const text = ownFiles(merged).get('a.ts') ?? '';
    if (merged.outcomes.some(({ outcome }) => outcome === 'conflict')) {
      conflicts += 1;
      continue;
    }
    // Brackets that a formatter adds for clarity are its own, and so is where a declaration stands.
    const said = (code: string): string => tokensOf(code).map(({ key }) => key).filter((key) => key !== '(' && key !== ')').toSorted().join(' ');
    expect(said(text), `seed ${seed}`).toBe(said(theirs.text));
  }
  expect(conflicts).toBe(0);
});

test('what was changed on disk is taken back byte for byte', { timeout: 120_000 }, async () => {
  const state = plan(wish(), catalogue);
  for (let seed = 1; seed <= 25; seed += 1) {
    const random = randomFrom(seed * 104_729);
    const names = ['src/a.ts', 'src/deep/b.ts', 'tests/c.ts', 'd.ts'];
    const base = new Map(names.map((name) => [name, at(sources, random) ?? '']));
    const theirs = new Map([...base].flatMap(([name, text]): [string, string][] => (random(5) === 0 ? [] : [[name, worked(text, 'fix', random).text]])));
    theirs.set('new/e.ts', 'export {};\n');
    const root = await scratch();
    const before = new Map(withLock(new Map(base), state, sha256));
    for (const name of names) if (random(3) > 0) before.set(name, worked(base.get(name) ?? '', 'user', random).text);
    if (random(3) === 0) before.delete('d.ts');
    before.set('src/mine.ts', 'export const mine = 1;\r\n');
    for (const [name, text] of before) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), text);
    }
    const was = contentOf(root);
    const request = { command: 'upgrade', root, dryRun: false, install: false, verify: false, allowDirty: false, verbose: false };
    const quiet = { planned: () => undefined, started: () => undefined, finished: () => undefined };
    const ports = { catalogue, renderProse, disk: realDisk, env: {}, signal: new AbortController().signal, hold: () => undefined, progress: quiet, approve: () => Promise.resolve(true) };
    const changed = await change(request, () => ({ state, emission: { tree: theirs, digests: new Map(), secrets: [] } }), ports);
    expect([changed.puts.size > 0, contentOf(root) === was], `seed ${seed}`).toEqual([true, false]);
    await undo(root, { disk: realDisk, env: {}, dryRun: false });
    expect(contentOf(root), `seed ${seed}`).toBe(was);
  }
});
