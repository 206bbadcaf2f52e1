import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { kindOf } from './disk.ts';
import { Refusal } from './errors.ts';
import { type Lock, lockPath, parseLock, pendingPrefix } from './lock.ts';
import type { OnDisk } from './merge/tree.ts';
import { pathProblem } from './tree.ts';

/** An app with a lock, on disk. */
export interface Installed {
  /** Absolute. */
  readonly root: string;
  readonly lock: Lock;
  readonly lockText: string;
  /** Paths of files that were left in conflict. */
  readonly pending: readonly string[];
  /** Reads a file of the app; follows no symbolic link. */
  readonly read: (path: string) => OnDisk;
}

/** Larger files are not ours, and not merged. */
const maxFile = 2_000_000;
const maxLock = 20_000_000;

/**
 * Finds the app at `root`.
 * @returns nothing when there is no lock.
 * @throws Refusal for a lock that cannot be used.
 */
export const installedAt = (root: string): Installed | undefined => {
  const reader = readerOf(root);
  const found = reader(lockPath, maxLock);
  if (found.kind === 'missing') return undefined;
  if (found.kind === 'other') throw new Refusal(`${lockPath} cannot be used: it is ${found.what}.`);
  return { root, lock: parseLock(found.text), lockText: found.text, pending: filesBelow(root, pendingPrefix), read: reader };
};

/** Reads files below `root`; what is reached through a symbolic link is not below it. */
export const readerOf = (root: string): ((path: string, limit?: number) => OnDisk) => {
  const folders = new Map<string, OnDisk | 'directory'>();
  const folderAt = (folder: string): OnDisk | 'directory' => {
    if (folder === '') return 'directory';
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const above = folderAt(folder.slice(0, Math.max(0, folder.lastIndexOf('/'))));
    const kind = above === 'directory' ? kindOf(join(root, folder)) : undefined;
    const found = above !== 'directory' ? above : kind === 'directory' ? kind : kind === undefined ? missing : ({ kind: 'other', what: `below ${folder}, which is no directory` } as const);
    folders.set(folder, found);
    return found;
  };
  return (path, limit = maxFile) => {
    const above = folderAt(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    if (above !== 'directory') return above;
    const place = join(root, path);
    const stats = lstatSync(place, { throwIfNoEntry: false });
    if (stats === undefined) return missing;
    if (stats.isSymbolicLink()) return { kind: 'other', what: 'a symbolic link' };
    if (!stats.isFile()) return { kind: 'other', what: stats.isDirectory() ? 'a directory' : 'no file' };
    if (stats.size > limit) return { kind: 'other', what: `larger than ${limit} bytes` };
    const bytes = readFileSync(place);
    const text = bytes.toString('utf8');
    // What does not come back as it was is no UTF-8: writing it again would destroy it.
    if (Buffer.byteLength(text) !== bytes.length || (text.includes('\uFFFD') && !Buffer.from(text).equals(bytes))) return { kind: 'other', what: 'no UTF-8 text' };
    return { kind: 'text', text, mode: stats.mode & 0o777 };
  };
};

const missing = { kind: 'missing' } as const;

const filesBelow = (root: string, prefix: string): string[] => {
  const top = join(root, prefix);
  if (kindOf(top) !== 'directory') return [];
  const found = readdirSync(top, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name).slice(top.length).replaceAll('\\', '/')] : []));
  return found.filter((path) => pathProblem(path) === undefined);
};
