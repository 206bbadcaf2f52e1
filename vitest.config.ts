import { defineConfig } from 'vitest/config';

/** `engine`: under a minute, installs nothing. `emitted`: whole apps, type-checked, linted, attacked. */
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
        },
      },
    ],
  },
});
