import type { Catalogue } from './catalogue.ts';
import type { Changed } from './change.ts';
import { Refusal } from './errors.ts';
import type { NoteOf, PartName } from './notes.ts';
import { partPaths } from './render.ts';
import { noteLine } from './report-notes.ts';
import type { Repository } from './repository.ts';

/** How git is to keep a change. */
export interface Recording {
  /** On a branch of its own. */
  readonly branch: boolean;
  /** In one commit for each part, and one for what is made from all parts. */
  readonly commit: boolean;
}

/** What git was told. */
export interface Recorded {
  readonly branch: string | undefined;
  /** The first line of each commit. */
  readonly commits: readonly string[];
}

const branchOf = (version: string): string => `create-secure-app-${version}`;

/**
 * Makes sure that a change can be recorded, before anything is written.
 * @throws Refusal
 */
export const assertRecordable = ({ branch, commit }: Recording, version: string, repository: Repository | undefined): void => {
  if (repository === undefined) throw new Refusal(`${commit ? '--commit' : '--create-branch'} needs a git repository; there is none here.`);
  if (commit && repository.dirty().length > 0) throw new Refusal('--commit: there are changes that are not committed; they would become part of it. Commit or stash them.');
  if (branch && repository.hasBranch(branchOf(version))) throw new Refusal(`--create-branch: there is a branch ${branchOf(version)} already.`);
};

/**
 * Records a change that was made. A part's own files and what its notes say are one commit.
 * @throws Refusal when git does not do it; the change itself stays.
 */
export const record = ({ branch, commit }: Recording, { puts, removes, notes, state, from }: Changed, catalogue: Catalogue, repository: Repository): Recorded => {
  const failed = (what: string): never => {
    throw new Refusal(`The change was made, but git could not ${what}: it is in your working tree.`);
  };
  const name = branch ? branchOf(catalogue.version) : undefined;
  if (name !== undefined && !repository.switchTo(name)) failed(`make the branch ${name}`);
  const left = new Set([...puts.keys(), ...removes.keys()].filter((path) => path !== '.env'));
  const commits: string[] = [];
  const keep = (paths: readonly string[], title: string, body: readonly NoteOf[]): void => {
    if (paths.length === 0) return;
    for (const path of paths) left.delete(path);
    const message = [title, ...(body.length === 0 ? [] : ['', ...body.map((note) => `- ${noteLine(note)}`)])].join('\n');
    if (!repository.commit(paths, message)) failed(`commit "${title}"`);
    commits.push(title);
  };
  if (commit) {
    const version = catalogue.version;
    for (const [part, paths] of partPaths(state, catalogue)) keep(paths.filter((path) => left.has(path)), titleOf(part, version), notes.filter((note) => note.part === part));
    keep([...left], `Upgrade what is made from all parts: ${from.version} -> ${version}`, []);
  }
  return { branch: name, commits };
};

const titleOf = (part: PartName, version: string): string => `Upgrade ${part === 'base' ? 'the skeleton' : part.split('/').at(-1)} to ${version}`;
