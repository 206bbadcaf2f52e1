import { readdirSync } from 'node:fs';
import { stageBeside } from './beside.ts';
import { type Disk, kindOf } from './disk.ts';
import { Refusal } from './errors.ts';
import type { Digest } from './lock.ts';
import type { Stage } from './stage.ts';
import { recover, stageInside } from './transaction.ts';
import type { Tree } from './tree.ts';

/** What may be in a directory that a project is created in. */
const harmless: readonly string[] = ['.git', '.DS_Store'];

/**
 * Makes sure that a project can be created at `root`, after putting right what a killed run left there.
 * @throws Refusal when something is there already.
 */
export const assertVacant = (root: string, disk: Disk, digest: Digest, { dryRun = false } = {}): void => {
  const kind = kindOf(root);
  if (kind === undefined) return;
  if (kind !== 'directory') throw new Refusal(`${root} is there already, and is no directory.`);
  if (!dryRun) recover(root, disk, digest);
  const found = readdirSync(root).filter((name) => !harmless.includes(name));
  if (found.length > 0) {
    const some = found.slice(0, 5).join(', ');
    throw new Refusal(`${root} is not empty (${some}${found.length > 5 ? ', ...' : ''}). Choose a folder that does not exist yet.`);
  }
};

/** Opens a stage for `root`: beside it when it does not exist, inside it when it does. */
export const openStage = (root: string, disk: Disk, digest: Digest): Stage =>
  kindOf(root) === undefined ? stageBeside(root, disk) : stageInside(root, disk, digest);

/** Writes a tree below a directory of a stage; `modes` are those of files that had one, `there` the files that stand there already. */
export const writeTree = (directory: string, tree: Tree, disk: Disk, modes?: ReadonlyMap<string, number>, there: Iterable<string> = []): void => {
  const made = new Set<string>(['']);
  for (const file of there) for (let folder = folderOf(file); folder !== ''; folder = folderOf(folder)) made.add(folder);
  const make = (folder: string): void => {
    if (made.has(folder)) return;
    make(folderOf(folder));
    disk.makeDirectory(`${directory}/${folder}`);
    made.add(folder);
  };
  for (const [file, text] of tree) {
    make(folderOf(file));
    disk.writeFile(`${directory}/${file}`, text, modes?.get(file));
  }
};

/** Of a path in a tree; empty at the top. Ten times as fast as `node:path`, which counts with hundreds of files. */
const folderOf = (file: string): string => file.slice(0, Math.max(0, file.lastIndexOf('/')));
