import { expect, test } from 'vitest';
import { cover } from './covering.ts';

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
  const choices = cover(ids, close, { size: 2 });
  for (const choice of choices) expect(close(choice)).toEqual(choice);
  for (const first of ids) {
    for (const second of ids.filter((id) => id > first)) {
      const seen = new Set(choices.map((choice) => `${choice.includes(first)} ${choice.includes(second)}`));
      expect(seen, `${first} and ${second}`).toEqual(possible(first, second));
    }
  }
});

test('the cover is smaller than trying everything', () => {
  expect(cover(ids, close, { size: 2 }).length).toBeLessThan(2 ** ids.length / 2);
});

test('what is made anyway counts: every protection alone, and all together, show every pair', () => {
  const alone = ids.map((id) => close([id]));
  expect(cover(ids, close, { size: 2, known: [close([]), ids] })).not.toEqual([]);
  expect(cover(ids, close, { size: 2, known: [...alone, close([]), ids] })).toEqual([]);
});

test('a limit is kept, and what it leaves out is the least', () => {
  const all = cover(ids, close, { size: 3 });
  expect(cover(ids, close, { size: 3, most: 2 })).toEqual(all.slice(0, 2));
});
