import { defineConfig } from 'vitest/config';

/** `engine`: installs nothing. `emitted`: whole apps, type-checked, linted, attacked. `browser`: whole apps, in Chromium. `removal`: every guard out. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'engine',
          include: ['tests/{engine,golden,differential}/**/*.test.ts', 'tests/templates/removal.test.ts', 'tests/emitted/covering.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'emitted',
          include: ['tests/emitted/*.test.ts', 'tests/templates/removal-run.test.ts'],
          exclude: ['tests/emitted/covering.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          maxWorkers: 2,
          // Two apps at a time for each target: their tests wait for servers, and for other processes.
          maxConcurrency: 2,
        },
      },
      {
        test: {
          name: 'foreign',
          include: ['tests/foreign/*.test.ts'],
          testTimeout: 300_000,
          // The other core has the browser.
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'removal',
          include: ['tests/removal/*.test.ts'],
          // The whole app has more than 650 guards, and each is a run of tests.
          testTimeout: 7_200_000,
          hookTimeout: 900_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
