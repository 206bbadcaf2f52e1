import { chmod, mkdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ServiceSetup } from '#src/services/setup.ts';
import { folderStore } from './folder.ts';
import type { FileStore, Storage } from './storage.ts';

/** A bucket where STORAGE_URL names one, else a folder. Files are checked on this machine first, in either case. */
export const start = async (setup: ServiceSetup): Promise<Storage> => {
  const { STORAGE_DIR, STORAGE_URL } = setup.config;
  const root = resolve(STORAGE_DIR);
  const quarantine = join(root, 'quarantine');
  await mkdir(quarantine, { recursive: true, mode: 0o700 });
  await chmod(root, 0o700);
  await chmod(quarantine, 0o700);
  return { ...(await openStore(await realpath(root), STORAGE_URL, setup)), quarantine };
};

const openStore = async (root: string, url: string | undefined, { config }: ServiceSetup): Promise<FileStore> => {
  if (url === undefined) return folderStore(root);
  const { bucketStore } = await import('./bucket.ts');
  return bucketStore(url, { timeoutMs: config.STORAGE_TIMEOUT_MS });
};
