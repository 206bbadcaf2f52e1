import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** A name that nobody can guess, and that says since when it waits. */
const newName = (now: number): string => `${now}-${randomUUID()}`;

/**
 * Creates a file that did not exist, readable for this user alone.
 * @throws Error with the code EEXIST when something stands there, also a link that leads nowhere (CWE-59).
 */
export const createFile = (path: string): Promise<FileHandle> => {
  const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_EXCL; // protect: Q459 ( | O_NOFOLLOW | O_EXCL -> )
  return open(path, flags, 0o600); // protect: Q459 (0o600 -> 0o644)
};

/** A new, empty file in `folder`. @param now wall-clock time, ms. */
export const newQuarantineFile = async (folder: string, now: number): Promise<{ readonly path: string; readonly handle: FileHandle }> => {
  const path = join(folder, newName(now));
  return { path, handle: await createFile(path) };
};

/** Deletes what has waited since before `time`, ms: its process has ended. Resolves with how many files that were. */
export const clearQuarantine = async (folder: string, time: number): Promise<number> => {
  const names = await readdir(folder);
  const old = names.filter((name) => Number(/^(\d+)-/.exec(name)?.[1] ?? Infinity) < time);
  for (const name of old) await rm(join(folder, name), { force: true });
  return old.length;
};
