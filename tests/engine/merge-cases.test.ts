import { describe, expect, test } from 'vitest';
import { mergeCase, mergeCases } from './merge-case.ts';
import { baseOf, edited, mergedApp, ownFiles } from './merging.ts';

test('there are at least forty cases', () => expect(mergeCases.length).toBeGreaterThanOrEqual(40));

describe.each(mergeCases)('%s', (name) => {
  const { base, ours, theirs, expected, outcomes: expectedOutcomes, moves } = mergeCase(name);

  test('gives the expected tree and outcomes; again, it changes nothing', async () => {
    const merged = await mergedApp(edited(base, ours), theirs, moves);
    expect(Object.fromEntries(ownFiles(merged))).toEqual(Object.fromEntries(expected));
    const outcomes = merged.outcomes.map(({ path: file, at: place, outcome, conflicts }) => `${outcome} ${file}${place === file ? '' : ` at ${place}`}${conflicts > 0 ? ` (${conflicts})` : ''}\n`).join('');
    expect(outcomes).toBe(expectedOutcomes);
    const again = await mergedApp(merged, theirs, moves);
    expect(again.changes).toBe(0);
    // The base of a file in conflict waits for its owner.
    const known = outcomes.includes('conflict') ? baseOf(merged) : theirs;
    expect(Object.fromEntries(baseOf(merged))).toEqual(Object.fromEntries(known));
  });
});
