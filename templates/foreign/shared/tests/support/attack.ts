import { test } from '#tests/support/runner.ts';

/** An honest use that must go through. */
export const benign = (name: string, run: () => void | Promise<void>): void => {
  test(`benign: ${name}`, run);
};

/** Tries to break in on catalogue item `item`; passes when the app refuses. */
export const attack = (item: string, name: string, run: () => void | Promise<void>): void => {
  test(`attack ${item}: ${name}`, run);
};
