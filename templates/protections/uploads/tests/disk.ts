import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TestApp } from '#tests/support/app.ts';

const rootOf = ({ context }: TestApp): string => resolve(context.config.STORAGE_DIR);

/** Every file below the storage of an app, the quarantine among it; paths below it, sorted. */
export const filesOnDisk = async (app: TestApp): Promise<string[]> => {
  const entries = await readdir(rootOf(app), { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [] : [join(entry.parentPath, entry.name).slice(rootOf(app).length + 1)])).toSorted();
};

/** The bytes that are stored for a file. */
export const storedBytes = async (app: TestApp, id: string): Promise<Buffer> => {
  const { storage_key: key } = await app.context.services.db.query.selectFrom('files').select('storage_key').where('id', '=', id).executeTakeFirstOrThrow();
  return readFile(join(rootOf(app), key));
};

/** How many rows there are of files of one user, whatever their state. */
export const rowsOf = async (app: TestApp, ownerId: string): Promise<number> =>
  (await app.context.services.db.query.selectFrom('files').select('id').where('owner_id', '=', ownerId).execute()).length;
