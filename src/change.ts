import { dirname, join } from 'node:path';
import type { Catalogue, RenderProse } from './catalogue.ts';
import { openStage, writeTree } from './commit.ts';
import { sha256 } from './digest.ts';
import { type Disk, kindOf } from './disk.ts';
import { Refusal } from './errors.ts';
import { type Installed, installedAt, readerOf } from './installed.ts';
import type { JournalEntry } from './journal.ts';
import { type Lock, basePathOf, formatLock, lockPath, pendingPrefix } from './lock.ts';
import { type FileOutcome, type Put, type TreeMerge, mergeTree } from './merge/tree.ts';
import type { NoteOf } from './notes.ts';
import type { State } from './plan.ts';
import { type Emission, emit } from './render.ts';
import type { Recorded } from './record.ts';
import type { Repository, Unmerged } from './repository.ts';
import { addSecrets } from './secrets.ts';
import type { Stage } from './stage.ts';
import { recover } from './transaction.ts';
import { formatUndo } from './undo-record.ts';
import type { CheckResult } from './pipeline.ts';

/** A change of an app that has a lock: `add`, `remove`, `upgrade`. */
export interface ChangeRequest {
  readonly command: string;
  /** Absolute. */
  readonly root: string;
  readonly dryRun: boolean;
  readonly install: boolean;
  readonly verify: boolean;
  readonly allowDirty: boolean;
  readonly verbose: boolean;
}

/** What a change reaches outside itself for. */
export interface ChangePorts {
  readonly catalogue: Catalogue;
  readonly renderProse: RenderProse;
  readonly disk: Disk;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Keeps what an interruption must clean up. */
  readonly hold: (stage: Stage) => void;
  readonly progress: ChangeProgress;
  /** The last word before anything is written. */
  readonly approve: (planned: Changed) => Promise<boolean>;
}

/** Told what happens while it happens. */
export interface ChangeProgress {
  planned(changed: Changed): void;
  started(title: string): void;
  finished(title: string, milliseconds: number): void;
}

/** What was done, or with `dryRun` would be. */
export interface Changed {
  readonly command: string;
  readonly root: string;
  readonly from: State;
  readonly state: State;
  /** Of the files that the change concerns, sorted by path. */
  readonly outcomes: readonly FileOutcome[];
  /** path -> what is written there. */
  readonly puts: ReadonlyMap<string, Put>;
  /** path -> what stood there. */
  readonly removes: ReadonlyMap<string, string>;
  /** Names of the secrets that are new in `.env`. */
  readonly minted: readonly string[];
  readonly checks: readonly CheckResult[];
  readonly warnings: readonly string[];
  /** What was found out about a repo that was there before us, one line each. */
  readonly found?: readonly string[];
  /** What changed in what is emitted. */
  readonly notes: readonly NoteOf[];
  /** What git was told, where it was. */
  readonly recorded?: Recorded;
}

/** Where a choice waits for somebody. */
export const unresolved = ({ outcomes }: Pick<Changed, 'outcomes'>): FileOutcome[] => outcomes.filter(({ outcome }) => outcome === 'conflict' || outcome === 'unresolved');

/** Whether the change comes to nothing. */
export const isNothing = ({ puts, removes }: Pick<Changed, 'puts' | 'removes'>): boolean => puts.size === 0 && removes.size === 0;

/** Finds out what an app becomes; looks, and writes nothing. */
export type Planner = (installed: Installed, ports: ChangePorts) => Planned | Promise<Planned>;

export interface Planned {
  readonly state: State;
  readonly emission: Emission;
  /** Files that are not ours, with what is put into them: no lock knows them, and no upgrade touches them. */
  readonly patched?: ReadonlyMap<string, Put>;
  readonly warnings?: readonly string[];
  /** What was found out about the repo, one line each. */
  readonly found?: readonly string[];
  /** What the lock says of parts that are upgraded alone. */
  readonly ahead?: Lock['ahead'];
  /** What changed in what is emitted, for people. */
  readonly notes?: readonly NoteOf[];
}

/** What is emitted for a state: a whole app, or what is brought to a repo that was there before us. */
export const emissionOf = async (state: State, { catalogue, renderProse }: Pick<ChangePorts, 'catalogue' | 'renderProse'>): Promise<Emission> =>
  state.foreign === undefined ? emit(state, catalogue, renderProse) : (await import('./foreign/emission.ts')).foreignEmission(state, state.foreign, catalogue);

/** The planner of a state: what is emitted now for the state that `next` makes of the one in the lock. */
export const rendering =
  (next: (lock: Lock) => State): Planner =>
  async ({ lock }, ports) => {
    const state = next(lock);
    return { state, emission: await emissionOf(state, ports) };
  };

/**
 * Changes the app at `root`: what was emitted last, what stands on disk and what is emitted now are merged; the result is
 * verified, and committed as one.
 * @throws Refusal when it must not or cannot be done; then nothing was changed.
 */
export const change = async (request: ChangeRequest, planner: Planner, ports: ChangePorts): Promise<Changed> => {
  const { root, dryRun } = request;
  if (!dryRun) recover(root, ports.disk, sha256);
  const installed = installedAt(root);
  if (installed === undefined) throw new Refusal(`${root} has no ${lockPath}.`);
  return changeInstalled(request, installed, planner, ports);
};

/** The same for what is installed there, or, where nothing is, for what would be. */
export const changeInstalled = async (request: ChangeRequest, installed: Installed, planner: Planner, ports: ChangePorts): Promise<Changed> => {
  const { root, dryRun } = request;
  const repository = (await import('./repository.ts')).repositoryOf(root, ports.env);
  const planned = await planOf(request, installed, await planner(installed, ports), repository);
  if (isNothing(planned)) return planned;
  ports.progress.planned(planned);
  if (dryRun) return planned;
  if (!request.allowDirty) assertClean(installed, repository);
  if (!(await ports.approve(planned))) throw new Refusal('Nothing was changed.');
  return commitChange(request, planned, repository, ports);
};

const planOf = async ({ command, root, verify }: ChangeRequest, installed: Installed, { state, emission, patched, warnings = [], ahead, notes = [], found }: Planned, repository: Repository | undefined): Promise<Changed> => {
  const { lock, lockText, pending, read } = installed;
  const digestOf = (text: string, path: string): string => emission.digests.get(path) ?? sha256(text);
  const added = state.protections.filter((id) => !lock.state.protections.includes(id));
  const merge = await mergeTree({
    files: lock.files,
    theirs: emission.tree,
    digestOf,
    read,
    pending,
    movesOf: (missing) => movesOf(missing, repository, installed, emission),
    earlier: (path, digest) => {
      for (const text of repository?.history(path) ?? []) if (sha256(text) === digest) return text;
      return undefined;
    },
    labels: { ours: 'yours', theirs: `create-secure-app ${state.version}${command === 'add' && added.length > 0 ? `, add ${added.join(' ')}` : ''}` },
  });
  const besides = new Map([...(patched ?? []), ...(await renamed(notes, installed, merge))]);
  const puts = new Map([...merge.puts, ...besides]);
  const lockNow = formatLock({ state, files: merge.files, ...(ahead === undefined ? {} : { ahead }) });
  if (lockNow !== lockText) puts.set(lockPath, { text: lockNow, before: lockText === '' ? null : lockText });
  const secrets = addSecrets(emission.secrets, installed);
  if (secrets.put !== undefined) puts.set('.env', secrets.put);
  const told = new Set(merge.outcomes.map(({ at }) => at));
  const insertions = [...besides].filter(([path]) => !told.has(path)).map(([path, { before }]): FileOutcome => ({ path, at: path, outcome: before === null ? 'added' : 'merged', conflicts: 0 }));
  const unchecked = state.foreign !== undefined && verify ? (await import('./foreign/verify.ts')).assertTypes(root, puts, merge.removes) : [];
  return { command, root, from: lock.state, state, outcomes: [...insertions, ...merge.outcomes], puts, removes: merge.removes, minted: secrets.minted, checks: [], warnings: [...secrets.warnings, ...warnings, ...unchecked], notes, ...(found === undefined ? {} : { found }) };
};

/** The code of the project in which exports that have another name now are followed. */
const renamed = async (notes: readonly NoteOf[], { root, read }: Installed, { puts, removes }: TreeMerge): Promise<ReadonlyMap<string, Put>> => {
  const renames = notes.flatMap((note) => note.renames ?? []);
  if (renames.length === 0) return new Map();
  const { projectCode } = await import('./project-code.ts');
  return (await import('./codemods/apply.ts')).followRenames(renames, projectCode(root, read, new Set(removes.keys())), puts);
};

/** Follows moves that git knows of, to files that are there and are not ours. */
const movesOf = (missing: readonly string[], repository: Repository | undefined, { lock, read }: Installed, { tree }: Emission): Map<string, string> => {
  const moves = repository?.moves() ?? new Map<string, string>();
  const found = new Map<string, string>();
  for (const path of missing) {
    let at: string | undefined = path;
    for (let steps = 0; at !== undefined && read(at).kind === 'missing' && steps < 100; steps += 1) at = moves.get(at);
    if (at !== undefined && at !== path && read(at).kind === 'text' && !tree.has(at) && !Object.hasOwn(lock.files, at)) found.set(path, at);
  }
  return found;
};

/** What is not committed could not be told from what this run does. What waits since an earlier run is part of it. */
const assertClean = ({ pending }: Installed, repository: Repository | undefined): void => {
  if (pending.length > 0) return;
  const dirty = repository?.dirty() ?? [];
  if (dirty.length === 0) return;
  const some = dirty.slice(0, 5).join(', ');
  throw new Refusal(`There are changes that are not committed (${some}${dirty.length > 5 ? ', ...' : ''}). Commit or stash them, or say --allow-dirty. Nothing was changed.`);
};

/** Verifies what was planned, and puts it in place; all of it, or nothing. */
const commitChange = async (request: ChangeRequest, planned: Changed, repository: Repository | undefined, ports: ChangePorts): Promise<Changed> => {
  const { root, puts, removes } = planned;
  const { disk } = ports;
  const stage = openStage(root, disk, sha256);
  ports.hold(stage);
  try {
    const modes = new Map([...puts].flatMap(([path, { mode }]) => (mode === undefined ? [] : [[path, mode] as const])));
    writeTree(stage.directory, new Map([...puts].map(([path, { text }]) => [path, text] as const)), disk, modes);
    // It alone loads what starts other programs.
    const verifier = request.verify && isInstalled(root) ? await import('./verify-change.ts') : undefined;
    const outcome = (await verifier?.verifyChange(request, planned, ports)) ?? { checks: [], warnings: [], puts: new Map<string, Put>(), installAfter: false };
    for (const [path, { text, mode }] of outcome.puts) {
      if (puts.has(path)) disk.removeFile(join(stage.directory, path));
      writeTree(stage.directory, new Map([[path, text]]), disk, mode === undefined ? undefined : new Map([[path, mode]]), puts.keys());
    }
    const written = new Map([...puts, ...outcome.puts]);
    const conflicts = unmergedOf(planned);
    const index = repository?.indexed(conflicts.map(({ path }) => path)) ?? [];
    const entries = entriesOf(root, written);
    const removed = [...removes].map(([path, before]) => ({ path, before: sha256(before) }));
    stage.commit({ put: entries, remove: removed, record: formatUndo({ command: planned.command, puts: written, removes, index, unmerged: conflicts.map(({ path }) => path) }) });
    const warnings = [...planned.warnings, ...outcome.warnings, ...(outcome.installAfter ? ((await verifier?.installAfterwards(planned, ports)) ?? []) : [])];
    if (conflicts.length > 0 && repository !== undefined && !repository.markUnmerged(conflicts)) warnings.push('git could not register the conflicts as unmerged; they are marked in the files.');
    return { ...planned, puts: written, checks: outcome.checks, warnings };
  } finally {
    stage.discard();
  }
};

/** Whether there may be something to verify with; a package may stand above, in a workspace. */
const isInstalled = (root: string): boolean => kindOf(join(root, 'node_modules')) !== undefined || kindOf(join(dirname(root), 'node_modules')) !== undefined || kindOf(join(dirname(dirname(root)), 'node_modules')) !== undefined;

/** What is put where: a folder that is not there yet as a whole, by one move. */
const entriesOf = (root: string, puts: ReadonlyMap<string, Put>): JournalEntry[] => {
  const isThere = new Map<string, boolean>();
  const newFolder = (path: string): string | undefined => {
    for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end);
      const found = isThere.get(folder) ?? kindOf(`${root}/${folder}`) !== undefined;
      isThere.set(folder, found);
      if (!found) return folder;
    }
    return undefined;
  };
  const entries = new Map<string, string | null>();
  for (const [path, { before }] of puts) entries.set((before === null ? newFolder(path) : undefined) ?? path, before === null ? null : sha256(before));
  return [...entries].map(([path, before]) => ({ path, before }));
};

/** The three sides of each file that is marked. */
const unmergedOf = ({ outcomes, puts, root }: Changed): Unmerged[] => {
  const read = readerOf(root);
  return outcomes.flatMap(({ path, at, outcome }) => {
    const put = puts.get(at);
    const theirs = puts.get(`${pendingPrefix}${path}`)?.text;
    if (outcome !== 'conflict' || put === undefined || put.before === null || theirs === undefined) return [];
    const base = puts.get(basePathOf(path))?.text ?? textOf(read(basePathOf(path)));
    return [{ path: at, base, ours: put.before, theirs }];
  });
};

const textOf = (found: ReturnType<Installed['read']>): string | undefined => (found.kind === 'text' ? found.text : undefined);

