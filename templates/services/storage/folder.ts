import { constants, createReadStream } from 'node:fs';
import { access, copyFile, link, mkdir, open, realpath, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { StorageKey } from './key.ts';
import type { FileStore } from './storage.ts';

const { COPYFILE_EXCL, O_NOFOLLOW, O_RDONLY, R_OK, W_OK } = constants;

/** As much is read at once. */
const pieceBytes = 262_144;

const codeOf = (error: unknown): unknown => (error instanceof Error ? Reflect.get(error, 'code') : undefined);

/** Files in a folder of this machine. @param root absolute, and no link itself. */
export const folderStore = (root: string): FileStore => {
  /** Where a key leads. Its folder must be where it seems to be: one that was replaced by a link leads elsewhere (CWE-59). */
  const placeOf = async (key: StorageKey): Promise<string> => {
    const path = join(root, key);
    const folder = dirname(path);
    const isElsewhere = relative(root, await realpath(folder)) !== relative(root, folder);
    if (isElsewhere) throw new Error('A folder of the storage leads out of it.'); // protect: Q459
    return path;
  };

  return {
    async adopt(key, file) {
      await mkdir(dirname(join(root, key)), { recursive: true, mode: 0o700 });
      const place = await placeOf(key);
      await linkOrCopy(file, place);
      await rm(file);
    },

    async *read(key, range) {
      const file = await open(await placeOf(key), O_RDONLY | O_NOFOLLOW);
      const part = range === undefined ? {} : { start: range.first, end: range.last };
      // Closes the file at the end, and when nobody reads on.
      for await (const piece of createReadStream('', { fd: file, highWaterMark: pieceBytes, ...part })) yield bytesOf(piece);
    },

    async remove(key) {
      try {
        await rm(await placeOf(key));
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    },

    ready: () => access(root, R_OK | W_OK),
    close: async () => undefined,
  };
};

const bytesOf = (piece: unknown): Uint8Array => (piece instanceof Uint8Array ? piece : new Uint8Array());

/** Never over what is there: to rename would replace it. Where the folders are on two disks, it is copied. */
const linkOrCopy = async (from: string, to: string): Promise<void> => {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV' && codeOf(error) !== 'EPERM') throw error;
    await copyFile(from, to, COPYFILE_EXCL);
  }
};
