import { join } from 'node:path';
import { createKeyFile } from '#src/services/keys/key-file.ts';
import type { Preparation } from '#tests/support/preparation.ts';

/** A master key for this run of the tests; that of the developer stays out of it. */
export const prepare = async ({ folder }: Preparation): Promise<Record<string, string>> => {
  const file = join(folder, 'master.key');
  createKeyFile(file);
  return { MASTER_KEY_FILE: file };
};
