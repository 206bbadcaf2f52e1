import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/manifest.ts';
import { type Choice, cover } from './covering.ts';
import { type EmittedApp, allProtections, attacksOf, close, emitApp } from './emitted-app.ts';

/** The closure of each protection, without those that are the closure of another or everything. */
const alone = (): [string, Choice][] => {
  const distinct = new Map<string, [string, Choice]>();
  for (const id of allProtections) distinct.set(close([id]).join(), [id, close([id])]);
  return [...distinct.values()].filter(([, choice]) => choice.length < allProtections.length);
};

/** What shows the pairs that protections alone and all together leave open (none, as a rule), and the most triples. */
const mixed = (): Choice[] => {
  const known = [...alone().map(([, choice]) => choice), allProtections];
  const pairs = cover(allProtections, close, { size: 2, known });
  return [...pairs, ...cover(allProtections, close, { size: 3, known: [...known, ...pairs], most: 3 })];
};

/** The real servers to test on; says so loudly when there are none. */
export const servers = (): Readonly<Record<string, string>> | undefined => {
  const { TEST_DATABASE_URL: database, TEST_REDIS_URL: redis } = process.env;
  if (database !== undefined && redis !== undefined) return { DATABASE_URL: database, REDIS_URL: redis };
  console.warn('NOT TESTED: real PostgreSQL and Redis. Set TEST_DATABASE_URL and TEST_REDIS_URL, as .ci/run does.');
  return undefined;
};

/** Tests of the skeleton that look at the whole app. */
const everyApp = ['doctor', 'security-docs', 'smoke'].map((name) => `tests/${name}.test.ts`);

/** The compiler on one core and without collecting garbage: a third of the CPU time, and there is something else for the other core. */
const frugal = { GOMAXPROCS: '1', GOGC: 'off' };

/**
 * Proves the emitted apps of one target: they compile, are lint-free, and stand up to their own attacks. Everything is
 * tested embedded and on real servers; each protection alone on the servers where there are any, mixed choices embedded.
 */
export const proveTarget = (target: Target): void => {
  const real = servers();
  const onServers = real ?? {};

  /** Its test command with everything in one process, which proves besides that no file of tests leaves anything behind. */
  const inOneProcess = (app: EmittedApp, files: readonly string[] = ['tests/**/*.test.ts']): string =>
    app.script('test').replace('--test ', '--test --test-isolation=none ').replace('"tests/**/*.test.ts"', files.map((file) => `"${file}"`).join(' '));

  const expectProof = async (name: string, choice: Choice, { files, env }: { files?: readonly string[]; env: Readonly<Record<string, string>> }): Promise<void> => {
    const app = emitApp(name, target, choice);
    expect(await app.run('tsc --noEmit --singleThreaded', frugal)).toBe('');
    expect(await app.run('oxlint --type-aware --deny-warnings --threads 1', frugal)).toMatch(/Found 0 warnings and 0 errors/);
    expectTestsToPass(await app.run(inOneProcess(app, files), env));
    app.remove();
  };

  describe(`${target}: all protections`, () => {
    const app = emitApp('all', target, allProtections);

    test('type-checks', async () => expect(await app.run('npm run --silent typecheck')).toBe(''));
    test('is lint-free', async () => expect(await app.run('npm run --silent lint')).toMatch(/Found 0 warnings and 0 errors/));
    test('stands up to its attacks, embedded', async () => expectTestsToPass(await app.run(inOneProcess(app))));
    test.runIf(real !== undefined)('stands up to its attacks on PostgreSQL and Redis', async () => {
      expectTestsToPass(await app.run('npm run --silent test', onServers));
    });
  });

  describe.concurrent(`${target}: each protection alone`, () => {
    // Its own attacks; those on what it requires run where that is alone.
    test.each(alone())('%s', (id, choice) => expectProof(`alone-${id}`, choice, { files: [...everyApp, ...attacksOf(id)], env: onServers }));
  });

  describe.concurrent(`${target}: protections together`, () => {
    test.each(mixed().map((choice, index) => [index + 1, choice] as const))('choice %i: %j', (index, choice) => expectProof(`mixed-${index}`, choice, { env: {} }));
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
