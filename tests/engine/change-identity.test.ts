import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/digest.ts';
import { basePathOf, withLock } from '../../src/lock.ts';
import { targets } from '../../src/manifest.ts';
import { mergeTree } from '../../src/merge/tree.ts';
import { type State, plan } from '../../src/plan.ts';
import { render } from '../../src/render.ts';
import { withLess, withMore } from '../../src/replan.ts';
import type { Tree } from '../../src/tree.ts';
import { catalogue, renderProse, wish } from './fixtures.ts';

const all = Object.keys(catalogue.protections);
const digests = new Map<string, string>();
const digestOf = (text: string): string => {
  const known = digests.get(text) ?? sha256(text);
  digests.set(text, known);
  return known;
};

const renders = new Map<string, Tree>();
const treeOf = (state: State): Tree => {
  const key = JSON.stringify(state);
  const tree = renders.get(key) ?? render(state, catalogue, renderProse);
  renders.set(key, tree);
  return tree;
};

/** What a change of an unedited app comes to, with base and lock; as one value that is quick to compare. */
const changed = async (from: State, to: State): Promise<ReadonlyMap<string, string>> => {
  const before = treeOf(from);
  const theirs = treeOf(to);
  const files = Object.fromEntries([...before].map(([path, text]) => [path, digestOf(text)]));
  const disk = new Map([...before, ...[...before].map(([path, text]) => [basePathOf(path), text] as const)]);
  const merge = await mergeTree({
    files,
    theirs,
    digestOf,
    read: (path) => {
      const text = disk.get(path);
      return text === undefined ? { kind: 'missing' } : { kind: 'text', text, mode: 0o644 };
    },
    pending: [],
    movesOf: () => new Map(),
    labels: { ours: 'yours', theirs: 'ours' },
  });
  for (const [path, { text }] of merge.puts) disk.set(path, text);
  for (const path of merge.removes.keys()) disk.delete(path);
  const lock = withLock(new Map(), to, digestOf);
  expect(Object.keys(merge.files)).toEqual([...theirs.keys()]);
  for (const [path, digest] of Object.entries(merge.files)) expect(digest).toBe(digestOf(theirs.get(path) ?? ''));
  return new Map([...disk, ...lock].filter(([path]) => !path.endsWith('lock.json')));
};

const assertCreated = (disk: ReadonlyMap<string, string>, state: State, what: string): void => {
  const tree = treeOf(state);
  const expected = new Map([...tree, ...[...tree].map(([path, text]) => [basePathOf(path), text] as const)]);
  const wrong = [...new Set([...disk.keys(), ...expected.keys()])].filter((path) => disk.get(path) !== expected.get(path));
  if (wrong.length > 0) expect.fail(`${what}: ${wrong.slice(0, 5).join(', ')}`);
};

describe.each(targets)('on %s', (target) => {
  const stateOf = (...ids: readonly string[]): State => plan(wish({ target, preset: 'minimal', with: ids }), catalogue);

  test('create(A), add(B) is create(A+B), for every pair in every order', { timeout: 300_000 }, async () => {
    for (const a of all) {
      for (const b of all) {
        if (a === b) continue;
        const both = stateOf(a, b);
        const added = withMore(stateOf(a), [b], [], catalogue);
        expect(added, `${a} + ${b}`).toEqual(both);
        assertCreated(await changed(stateOf(a), added), both, `create(${a}), add(${b})`);
      }
    }
  });

  test('create(A+B), remove(B and what only B required) is create(A), for every pair', { timeout: 300_000 }, async () => {
    for (const a of all) {
      const alone = stateOf(a);
      for (const b of all) {
        const both = stateOf(a, b);
        const gone = both.protections.filter((id) => !alone.protections.includes(id));
        if (!gone.includes(b)) continue;
        const { state } = withLess(both, gone, {}, catalogue);
        expect(state, `${a} + ${b}`).toEqual(alone);
        // Unless A itself is something that only B requires: nothing tells that it was asked for.
        const isOnlyRequired = stateOf(b).protections.includes(a);
        expect(isOnlyRequired ? alone : withLess(both, [b], { withRequired: true }, catalogue).state, `${a} + ${b}`).toEqual(alone);
        assertCreated(await changed(both, state), alone, `create(${a} + ${b}), remove(${b})`);
      }
    }
  });

  test('a removal takes what nothing else requires when it is told to, and says so when it is not', () => {
    for (const b of all) {
      const state = stateOf(b);
      if (stateOf().protections.includes(b)) continue;
      expect(withLess(state, [b], { withRequired: true }, catalogue).state, b).toEqual(stateOf());
      const { state: left, idle } = withLess(state, [b], {}, catalogue);
      expect(left.protections.filter((id) => !stateOf().protections.includes(id)), b).toEqual(expect.arrayContaining([...idle]));
    }
  });

  test('what is added one after the other does not depend on the order', async () => {
    const orders = [all, all.toReversed(), all.toSorted((x, y) => (sha256(x) < sha256(y) ? -1 : 1))];
    for (const order of orders) {
      let state = stateOf();
      for (const id of order) state = withMore(state, [id], [], catalogue);
      expect(state).toEqual(stateOf(...all));
    }
    assertCreated(await changed(stateOf(), stateOf(...all)), stateOf(...all), 'add all');
  });

  test('nothing is done twice', async () => {
    const state = stateOf(...all);
    assertCreated(await changed(state, withMore(state, all, [], catalogue)), state, 'add what is there');
  });
});
