import { expect, test } from 'vitest';
import { pairwiseCover } from './covering.ts';

const needs: Readonly<Record<string, readonly string[]>> = { a: [], b: ['a'], c: [], d: ['b'], e: [] };
const ids = Object.keys(needs);
const close = (wanted: readonly string[]): string[] => {
  const found = new Set<string>();
  const visit = (id: string): void => {
    found.add(id);
    needs[id]?.forEach(visit);
  };
  wanted.forEach(visit);
  return [...found].toSorted();
};

/** Every way in which a closed choice can hold or lack two protections, found by trying all choices. */
const possible = (first: string, second: string): Set<string> => {
  const ways = new Set<string>();
  for (let mask = 0; mask < 2 ** ids.length; mask += 1) {
    const choice = ids.filter((_, bit) => (mask >> bit) % 2 === 1);
    if (close(choice).length === choice.length) ways.add(`${choice.includes(first)} ${choice.includes(second)}`);
  }
  return ways;
};

test('every pair occurs in every way that the requirements admit', () => {
  const cover = pairwiseCover(ids, close);
  for (const choice of cover) expect(close(choice)).toEqual(choice);
  for (const first of ids) {
    for (const second of ids.filter((id) => id > first)) {
      const seen = new Set(cover.map((choice) => `${choice.includes(first)} ${choice.includes(second)}`));
      expect(seen, `${first} and ${second}`).toEqual(possible(first, second));
    }
  }
});

test('the cover is smaller than trying everything', () => {
  expect(pairwiseCover(ids, close).length).toBeLessThan(2 ** ids.length / 2);
});
