import { readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Disk, kindOf, readIfThere } from './disk.ts';
import { Refusal } from './errors.ts';
import { type Journal, type JournalEntry, formatJournal, parseJournal } from './journal.ts';
import type { Digest } from './lock.ts';
import { isOtherProcess } from './processes.ts';
import type { Stage, StagedChanges } from './stage.ts';

/** Where changes to a directory that exists are prepared, and what a killed run leaves there. */
export const transactionName = '.secure-app-transaction';

const places = (root: string) => {
  const transaction = join(root, transactionName);
  return {
    transaction,
    owner: join(transaction, 'owner'),
    journal: join(transaction, 'journal.json'),
    draft: join(transaction, 'journal.draft'),
    staged: join(transaction, 'new'),
    old: join(transaction, 'old'),
    undo: join(transaction, 'undo'),
    forget: join(transaction, 'forget'),
  };
};

/** What the last change of a project replaced, until the next one. Of this machine only: git does not see it. */
export const undoPlace = (root: string) => {
  const directory = join(root, '.secure-app/undo');
  return { directory, record: join(directory, 'undo.json'), old: join(directory, 'old') };
};

/** Where a change is tried before it is made; goes away with the transaction. */
export const placeOfChecks = (root: string): string => join(places(root).transaction, 'check');

/** What is never kept a second time: `.env` holds secrets, and is only ever added to. */
const neverKept = ['.env'] as const;

/** A project that exists is changed by a journal: from the moment it stands, the change is carried through. */
export const stageInside = (root: string, disk: Disk, digest: Digest): Stage => {
  recover(root, disk, digest);
  const { transaction, owner, journal, draft, staged, old, forget } = places(root);
  disk.makeDirectory(transaction);
  let isOpen = true;
  const discard = (): void => {
    if (isOpen) disk.removeAll(transaction);
    isOpen = false;
  };
  try {
    // By a rename, as the journal: half a number would be another process.
    disk.writeFile(draft, String(process.pid));
    disk.move(draft, owner);
    disk.makeDirectory(staged);
    disk.makeDirectory(old);
  } catch (error) {
    discard();
    throw error;
  }
  const commit = (changes: StagedChanges = everythingIn(staged)): void => {
    assertContained(root, changes);
    if (changes.record === null) disk.writeFile(forget, '');
    else if (changes.record !== undefined) prepareUndo(root, changes.record, disk);
    disk.writeFile(draft, formatJournal(changes));
    disk.move(draft, journal);
    isOpen = false;
    try {
      carryOut(root, changes, disk, digest);
    } catch (error) {
      takeBack(root, changes, disk);
      disk.removeFile(journal);
      disk.removeAll(transaction);
      throw error;
    }
    finish(root, disk);
  };
  return { isWhole: false, directory: staged, commit, discard };
};

const everythingIn = (staged: string): StagedChanges => ({ put: readdirSync(staged).toSorted().map((name) => ({ path: name, before: null })), remove: [] });

/**
 * Puts right what a killed run left in `root`: a change whose journal stands is carried through, any other is discarded.
 * @returns what was done.
 * @throws Refusal when another run is at work, or when a file was changed since.
 */
export const recover = (root: string, disk: Disk, digest: Digest): 'nothing' | 'completed' | 'discarded' => {
  const { transaction, owner, journal } = places(root);
  const kind = kindOf(transaction);
  if (kind === undefined) return 'nothing';
  if (kind !== 'directory') throw new Refusal(`${transaction} is in the way; move it away.`);
  const pid = Number(readIfThere(owner) ?? Number.NaN);
  if (Number.isSafeInteger(pid) && isOtherProcess(pid)) throw new Refusal(`Another run (process ${pid}) is at work in ${root}.`);
  const text = readIfThere(journal);
  if (text === undefined) {
    disk.removeAll(transaction);
    return 'discarded';
  }
  const changes = parseJournal(text);
  assertContained(root, changes);
  assertUntouched(root, changes, digest);
  carryOut(root, changes, disk, digest);
  finish(root, disk);
  return 'completed';
};

/** Nothing on the way to a file may be a symbolic link: it could lead out of the project (CWE-59). */
const assertContained = (root: string, { put, remove }: Journal): void => {
  for (const { path: file } of [...put, ...remove]) {
    const segments = file.split('/');
    for (let depth = 1; depth < segments.length; depth += 1) {
      const folder = segments.slice(0, depth).join('/');
      const kind = kindOf(join(root, folder));
      if (kind !== undefined && kind !== 'directory') throw new Refusal(`${folder} is no directory; nothing can be written below it.`);
    }
  }
};

/** What a person changed after the run was killed is theirs. */
const assertUntouched = (root: string, { put, remove }: Journal, digest: Digest): void => {
  const { staged, old } = places(root);
  for (const { path: file, before } of [...put, ...remove]) {
    const target = join(root, file);
    const isDone = put.some((entry) => entry.path === file) ? kindOf(join(staged, file)) === undefined : kindOf(join(old, file)) !== undefined;
    if (isDone || kindOf(target) === undefined) continue;
    const text = readIfThere(target);
    if (before === null || text === undefined || digest(text) !== before) {
      throw new Refusal(`${file} was changed after an interrupted run. Move it away, and run this again to finish; or delete ${transactionName} to drop that run.`);
    }
  }
};

const carryOut = (root: string, { put, remove }: Journal, disk: Disk, digest: Digest): void => {
  const { staged, old } = places(root);
  const setAside = ({ path: file, before }: JournalEntry): void => {
    const target = join(root, file);
    if (kindOf(target) === undefined) return;
    const text = before === null ? undefined : readIfThere(target);
    if (text === undefined || digest(text) !== before) throw new Refusal(`${file} was changed meanwhile; nothing was written.`);
    makeParents(old, file, disk);
    disk.move(target, join(old, file));
  };
  for (const entry of remove) {
    setAside(entry);
    removeEmptyParents(root, entry.path, disk);
  }
  for (const entry of put) {
    const source = join(staged, entry.path);
    if (kindOf(source) === undefined) continue;
    setAside(entry);
    makeParents(root, entry.path, disk);
    disk.move(source, join(root, entry.path));
  }
};

/** Undoes a commit that failed half-way (a full disk): what was set aside goes back. */
const takeBack = (root: string, { put, remove }: Journal, disk: Disk): void => {
  const { staged, old } = places(root);
  for (const { path: file } of put) {
    const target = join(root, file);
    if (kindOf(join(staged, file)) === undefined && kindOf(target) !== undefined) {
      makeParents(staged, file, disk);
      disk.move(target, join(staged, file));
    }
    removeEmptyParents(root, file, disk);
  }
  for (const { path: file } of [...put, ...remove]) {
    if (kindOf(join(old, file)) === undefined) continue;
    makeParents(root, file, disk);
    disk.move(join(old, file), join(root, file));
  }
};

const prepareUndo = (root: string, record: string, disk: Disk): void => {
  const { undo } = places(root);
  disk.makeDirectory(undo);
  disk.writeFile(join(undo, 'undo.json'), record);
  disk.writeFile(join(undo, '.gitignore'), '*\n');
};

/** Keeps what was set aside, so that the change can be taken back. Again after a kill: nothing is done twice. */
const keepUndo = (root: string, disk: Disk): void => {
  const { undo, old, forget } = places(root);
  if (kindOf(forget) === 'file') disk.removeAll(undoPlace(root).directory);
  if (kindOf(undo) !== 'directory') return;
  for (const file of neverKept) if (kindOf(join(old, file)) !== undefined) disk.removeFile(join(old, file));
  if (kindOf(old) === 'directory') disk.move(old, join(undo, 'old'));
  const { directory } = undoPlace(root);
  disk.removeAll(directory);
  makeParents(root, '.secure-app/undo', disk);
  disk.move(undo, directory);
};

const finish = (root: string, disk: Disk): void => {
  const { transaction, journal } = places(root);
  keepUndo(root, disk);
  // The journal goes first: what is left without it is discarded.
  disk.removeFile(journal);
  disk.removeAll(transaction);
};

const makeParents = (root: string, file: string, disk: Disk): void => {
  const folder = posix.dirname(file);
  if (folder === '.' || kindOf(join(root, folder)) === 'directory') return;
  makeParents(root, folder, disk);
  disk.makeDirectory(join(root, folder));
};

const removeEmptyParents = (root: string, file: string, disk: Disk): void => {
  for (let folder = posix.dirname(file); folder !== '.'; folder = posix.dirname(folder)) {
    const target = join(root, folder);
    if (kindOf(target) !== 'directory' || readdirSync(target).length > 0) return;
    disk.removeDirectory(target);
  }
};
