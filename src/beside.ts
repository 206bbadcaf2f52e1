import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Disk, kindOf } from './disk.ts';
import { isOtherProcess } from './processes.ts';
import type { Stage } from './stage.ts';

/** A new project appears by one rename: either all of it is there, or nothing. */
export const stageBeside = (root: string, disk: Disk): Stage => {
  const [parent, first, ...rest] = splitAtMissing(root);
  discardOrphans(parent, first, disk);
  const scratch = join(parent, `${scratchPrefix(first)}${process.pid}`);
  disk.makeDirectory(scratch);
  let isOpen = true;
  const discard = (): void => {
    if (isOpen) disk.removeAll(scratch);
    isOpen = false;
  };
  try {
    const directory = rest.reduce((folder, name) => {
      const next = join(folder, name);
      disk.makeDirectory(next);
      return next;
    }, scratch);
    return {
      isWhole: true,
      directory,
      discard,
      commit: () => {
        disk.move(scratch, join(parent, first));
        isOpen = false;
      },
    };
  } catch (error) {
    discard();
    throw error;
  }
};

/** The nearest directory that exists, then the names that are missing below it. */
const splitAtMissing = (root: string): [parent: string, first: string, ...rest: string[]] => {
  const parent = dirname(root);
  const name = basename(root);
  if (kindOf(parent) !== undefined || parent === root) return [parent, name];
  const [above, first, ...rest] = splitAtMissing(parent);
  return [above, first, ...rest, name];
};

const scratchPrefix = (name: string): string => `.${name}.creating-`;

/** Removes what runs that were killed left behind; the number at the end is the process that made it. */
const discardOrphans = (parent: string, name: string, disk: Disk): void => {
  const prefix = scratchPrefix(name);
  for (const entry of readdirSync(parent)) {
    const pid = entry.startsWith(prefix) ? Number(entry.slice(prefix.length)) : Number.NaN;
    if (Number.isSafeInteger(pid) && !isOtherProcess(pid)) disk.removeAll(join(parent, entry));
  }
};
