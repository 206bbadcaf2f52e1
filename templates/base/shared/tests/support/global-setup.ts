import { prepareServices } from '#tests/support/services.ts';

/** Runs once before all test files: what is slow to make is made here and handed on by environment variables. */
export const globalSetup = async (): Promise<void> => {
  Object.assign(process.env, await prepareServices());
};
