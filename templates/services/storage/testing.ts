import { join } from 'node:path';
import type { Preparation } from '#tests/support/preparation.ts';

/** Files of the tests go into a folder of this run, whatever the environment says. */
export const prepare = async ({ folder }: Preparation): Promise<Record<string, string>> => ({ STORAGE_URL: '', STORAGE_DIR: join(folder, 'files') });
