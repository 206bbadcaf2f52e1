import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/manifest.ts';
import { type Choice, pairwiseCover } from './covering.ts';
import { allProtections, close, emitApp } from './emitted-app.ts';

/** The closure of each protection, without those that are the closure of another or everything. */
const alone = (): [string, Choice][] => {
  const distinct = new Map<string, [string, Choice]>();
  for (const id of allProtections) distinct.set(close([id]).join(), [id, close([id])]);
  return [...distinct.values()].filter(([, choice]) => choice.length < allProtections.length);
};

/** The real servers to test on, by name; says so loudly when there are none. */
const realServers = (target: Target): [string, Readonly<Record<string, string>>][] => {
  const { TEST_DATABASE_URL: database, TEST_REDIS_URL: redis } = process.env;
  if (database !== undefined && redis !== undefined) return [['PostgreSQL and Redis', { DATABASE_URL: database, REDIS_URL: redis }]];
  console.warn(`NOT TESTED on ${target}: real PostgreSQL and Redis. Set TEST_DATABASE_URL and TEST_REDIS_URL, as .ci/run does.`);
  return [];
};

/** Proves the emitted apps of one target: they compile, are lint-free, and stand up to their own attacks. */
export const proveTarget = (target: Target): void => {
  const expectProof = async (name: string, choice: Choice): Promise<void> => {
    const app = emitApp(name, target, choice);
    await app.run('npm run --silent typecheck');
    await app.run('npm run --silent lint');
    expectTestsToPass(await app.run('npm run --silent test'));
  };

  describe(`${target}: all protections`, () => {
    const app = emitApp('all', target, allProtections);

    test('type-checks', async () => expect(await app.run('npm run --silent typecheck')).toBe(''));
    test('is lint-free', async () => expect(await app.run('npm run --silent lint')).toMatch(/Found 0 warnings and 0 errors/));
    test('stands up to its attacks, embedded', async () => expectTestsToPass(await app.run('npm run --silent test')));
    test.each(realServers(target))('stands up to its attacks on %s', async (_servers, env) => {
      expectTestsToPass(await app.run('npm run --silent test', env));
    });

    test('every guard that is taken out is noticed', async () => {
      const table = await app.run('npm run --silent test:removal');
      expect(table).toMatch(/^[1-9]\d* guards taken out, [1-9]\d* noticed, 0 problems\.$/m);
    });
  });

  describe(`${target}: each protection alone`, () => {
    test.each(alone())('%s', (id, choice) => expectProof(`alone-${id}`, choice));
  });

  describe(`${target}: pairs of protections`, () => {
    const known = new Set([...alone().map(([, choice]) => choice.join()), [...allProtections].join()]);
    const choices = pairwiseCover(allProtections, close).filter((choice) => !known.has(choice.join()));
    test.each(choices.map((choice, index) => [index + 1, choice] as const))('choice %i: %j', (index, choice) => expectProof(`pairs-${index}`, choice));
  });
};

/** A run without tests, or with skipped ones, proves nothing. */
const expectTestsToPass = (output: string): void => {
  const count = (label: string): number => Number(new RegExp(`^. ${label} (\\d+)$`, 'm').exec(output)?.[1] ?? Number.NaN);
  expect(count('pass')).toBeGreaterThan(0);
  expect(count('fail')).toBe(0);
  expect(count('skipped')).toBe(0);
  expect(count('todo')).toBe(0);
};
