import { closeSync, fchmodSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';

/** Every change to the file system goes through here, one call a change, so that tests can fail or die at each. */
export interface Disk {
  /** Makes one directory. @throws EEXIST */
  readonly makeDirectory: (path: string) => void;
  /** Makes a file that was not there. @throws EEXIST */
  readonly writeFile: (path: string, text: string, mode?: number) => void;
  /** Moves a file or a directory; replaces a file or an empty directory. */
  readonly move: (from: string, to: string) => void;
  readonly removeFile: (path: string) => void;
  /** @throws ENOTEMPTY */
  readonly removeDirectory: (path: string) => void;
  /** Removes whatever is there, with all that is in it; follows no symbolic link. */
  readonly removeAll: (path: string) => void;
}

export const realDisk: Disk = {
  makeDirectory: (path) => {
    mkdirSync(path);
  },
  writeFile: (path, text, mode) => {
    const descriptor = openSync(path, 'wx', mode);
    try {
      // The mask of the process would take from the mode of a file that is replaced.
      if (mode !== undefined) fchmodSync(descriptor, mode);
      // A text, not a buffer: half the time and memory when there are hundreds.
      if (writeSync(descriptor, text) !== Buffer.byteLength(text)) throw new Error(`${path} could not be written whole: the disk may be full.`);
    } finally {
      closeSync(descriptor);
    }
  },
  move: (from, to) => renameSync(from, to),
  removeFile: (path) => unlinkSync(path),
  removeDirectory: (path) => rmdirSync(path),
  removeAll: (path) => rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
};

/** What stands at a path, not following a symbolic link. */
export const kindOf = (path: string): 'file' | 'directory' | 'other' | undefined => {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
};

/** The text of a file, or nothing when there is no such file. */
export const readIfThere = (path: string): string | undefined => (kindOf(path) === 'file' ? readFileSync(path, 'utf8') : undefined);

/** The code of a system error (`ENOENT`), if it is one. */
export const errorCode = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
};
