import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareServices } from '#tests/support/services.ts';

const folder = await mkdtemp(join(tmpdir(), 'secure-app-run-'));

/** Runs once before all test files: what is slow to make is made here and handed on by environment variables. */
export const globalSetup = async (): Promise<void> => {
  Object.assign(process.env, await prepareServices({ env: process.env, folder }));
};

/** Runs once behind all test files. */
export const globalTeardown = (): Promise<void> => rm(folder, { recursive: true, force: true });
