import { type ChangeProgress, type Changed, isNothing, unresolved } from './change.ts';
import { changedFile } from './diff.ts';
import { lockPath } from './lock.ts';
import { noteLine } from './report-notes.ts';
import { hunksOf } from './merge/sequences.ts';
import type { FileOutcome, Outcome } from './merge/tree.ts';
import { runScript } from './package-manager.ts';
import type { Terminal } from './terminal.ts';
import type { Undone } from './undo.ts';

/** Shown to people: files of the project itself; the tool's own memory of them is nobody's business. */
const isOwn = (file: string): boolean => !file.startsWith('.secure-app/');

const words: Readonly<Record<Outcome, string>> = {
  added: 'add',
  updated: 'update',
  merged: 'merge into',
  conflict: 'CONFLICT in',
  unresolved: 'STILL IN CONFLICT',
  'kept-deleted': 'leave deleted',
  removed: 'remove',
  'kept-edited': 'leave to you, edited',
  already: 'has it already',
};

const lineOf = ({ path, at, outcome, reason }: FileOutcome): string =>
  `${words[outcome]} ${at}${at === path ? '' : ` (moved from ${path})`}${reason === undefined ? '' : `: ${reason}`}\n`;

const countOf = ({ outcomes }: Changed): string => {
  const counts = new Map<string, number>();
  for (const { outcome } of outcomes) counts.set(words[outcome], (counts.get(words[outcome]) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${word} ${count}`).join(', ');
};

/** What is about to be done, in a few lines. */
const outline = (changed: Changed, terminal: Terminal): string => {
  const { from, state, command } = changed;
  const added = state.protections.filter((id) => !from.protections.includes(id));
  const removed = from.protections.filter((id) => !state.protections.includes(id));
  const what = [
    ...(added.length === 0 ? [] : [`+ ${added.join(', ')}`]),
    ...(removed.length === 0 ? [] : [`- ${removed.join(', ')}`]),
    ...(from.version === state.version ? [] : [`${from.version} -> ${state.version}`]),
  ];
  const notable = changed.outcomes.filter(({ outcome }) => outcome !== 'added' && outcome !== 'updated' && outcome !== 'removed' && outcome !== 'already');
  const told = changed.notes.length === 0 ? [] : ['  what changed:\n', ...changed.notes.map((note) => `    ${noteLine(note)}\n`)];
  return `${terminal.strong(`${command}: ${what.join('; ') || state.name}`)}\n  files: ${countOf(changed)}\n${notable.map((outcome) => `  ${lineOf(outcome)}`).join('')}${told.join('')}`;
};

/** Tells on stderr what happens while it happens. */
export const changeProgressOn = (terminal: Terminal): ChangeProgress => ({
  planned: (changed) => terminal.err(outline(changed, terminal)),
  started: (title) => terminal.err(`- ${title} ...\n`),
  finished: (title, milliseconds) => terminal.err(`  ${title}: done in ${(milliseconds / 1000).toFixed(1)} s\n`),
});

/** A line for each file, for `--dry-run`. */
export const changeListing = ({ outcomes, minted }: Changed): string => [...outcomes.map(lineOf), ...(minted.length === 0 ? [] : [`add to .env: ${minted.join(', ')}\n`])].join('');

/** What would be written as a diff, for `--diff`. Secrets are not shown. */
export const changeDiff = ({ puts, removes }: Changed): string =>
  [
    ...[...puts].filter(([path]) => isOwn(path) && path !== '.env').map(([path, { before, text }]) => changedFile(path, before, text, hunksOf)),
    ...[...removes].filter(([path]) => isOwn(path)).map(([path, before]) => changedFile(path, before, null, hunksOf)),
  ].join('');

/** What is said when an app was changed. */
export const changeSuccess = (changed: Changed, terminal: Terminal): string => {
  if (isNothing(changed) && unresolved(changed).length === 0) return `Nothing to do: the app has it all.\n`;
  if (changed.command === 'adopt') return `${terminal.strong('Adopted:')} .secure-app is there again. Commit it; then: create-secure-app upgrade\n`;
  const open = unresolved(changed);
  const run = runScript(changed.state.packageManager);
  const ofTheirs = changed.state.foreign === undefined ? undefined : `Run its type check and its tests; ours are among them: ${changed.state.packageManager} install && ${run} test`;
  const verified = ofTheirs ?? (changed.checks.some(({ check }) => check === 'test') ? 'Its types, tests and attacks pass.' : `Not verified: ${changed.state.packageManager} install && ${run} typecheck && ${run} test`);
  const secrets = changed.minted.length === 0 ? '' : `New in .env: ${changed.minted.join(', ')}\n`;
  const { branch, commits = [] } = changed.recorded ?? {};
  const recorded = `${branch === undefined ? '' : `On the branch ${branch}.\n`}${commits.map((title) => `Committed: ${title}\n`).join('')}`;
  if (open.length === 0) return `${terminal.strong(`Done: ${changed.outcomes.length} files.`)} ${verified}\n${recorded}${secrets}To take it back: create-secure-app --undo\n`;
  return `${terminal.strong(`${open.length} files wait for you to choose:`)}\n${open.map(({ at, reason }) => `  ${at}${reason === undefined ? '' : ` (${reason})`}\n`).join('')}${secrets}Edit them, remove the marks, and run create-secure-app upgrade to go on. To take it all back: create-secure-app --undo\n`;
};

/** The JSON document of a change. */
export const changeDocument = (changed: Changed, dryRun: boolean) => ({
  ok: unresolved(changed).length === 0,
  command: changed.command,
  dryRun,
  directory: changed.root,
  from: changed.from,
  state: changed.state,
  changes: changed.outcomes,
  conflicts: unresolved(changed).map(({ at }) => at),
  notes: changed.notes,
  recorded: changed.recorded ?? null,
  secrets: changed.minted,
  checks: changed.checks,
  warnings: changed.warnings,
  ...(changed.found === undefined ? {} : { found: changed.found }),
  lock: lockPath,
});

/** What is said when a change was taken back. */
export const undoneText = ({ command, paths }: Undone): string => `Took back the last ${command}: ${paths.filter(isOwn).length} files are as they were.\n`;

/** The same as data. */
export const undoneDocument = ({ root, command, paths }: Undone, dryRun: boolean) => ({ ok: true, command: 'undo', dryRun, directory: root, undone: command, changes: paths.map((path) => ({ action: 'restore', path })) });
