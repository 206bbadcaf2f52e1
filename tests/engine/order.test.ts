import { describe, expect, test } from 'vitest';
import type { Phase } from '../../src/manifest.ts';
import { byNeeds, closure, wiringOrder } from '../../src/order.ts';

const protection = (id: string, phase: Phase, ...requires: string[]) => ({ id, phase, requires });
const ids = (protections: readonly { readonly id: string }[]): string[] => protections.map(({ id }) => id);

describe('the order of wiring', () => {
  test('is phase first, whatever the ids say', () => {
    expect(ids(wiringOrder([protection('a', 'errors'), protection('b', 'access'), protection('z', 'transport')]))).toEqual(['z', 'b', 'a']);
  });

  test('is what is required next, then the id', () => {
    const set = [protection('a', 'limits', 'z'), protection('m', 'limits'), protection('z', 'limits')];
    expect(ids(wiringOrder(set))).toEqual(['m', 'z', 'a']);
  });

  test('depends on the set, not on the order in which it was given', () => {
    const set = [protection('a', 'limits', 'c'), protection('b', 'headers'), protection('c', 'limits'), protection('d', 'limits', 'a')];
    const expected = ids(wiringOrder(set));
    for (const [first, second, third, fourth] of [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] as const) {
      const shuffled = [first, second, third, fourth].flatMap((index) => set[index] ?? []);
      expect(ids(wiringOrder(shuffled))).toEqual(expected);
    }
  });

  test('names the ring when protections require each other', () => {
    const ring = [protection('a', 'limits', 'b'), protection('b', 'headers', 'c'), protection('c', 'limits', 'a'), protection('x', 'limits', 'a')];
    expect(() => wiringOrder(ring)).toThrow('a -> b -> c -> a');
  });
});

describe('the closure', () => {
  const needs = new Map([['a', ['b']], ['b', ['c']], ['c', []], ['d', ['missing']]] as const);

  test('holds everything that is needed, sorted, once', () => {
    expect(closure(['b', 'a', 'b'], needs)).toEqual(['a', 'b', 'c']);
  });

  test('says who requires what does not exist', () => {
    expect(() => closure(['d'], needs)).toThrow('`d` requires `missing`');
  });

  test('byNeeds ignores what is not part of the set', () => {
    expect(byNeeds(['b', 'a'], needs)).toEqual(['b', 'a']);
  });
});
