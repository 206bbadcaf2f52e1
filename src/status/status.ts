import type { Catalogue, RenderProse } from '../catalogue.ts';
import { emissionOf } from '../change.ts';
import { type NoteOf, type Notes, notesBetween, compareVersions, severities } from '../notes.ts';
import { sha256 } from '../digest.ts';
import type { Installed } from '../installed.ts';
import { basePathOf } from '../lock.ts';
import { versionsOf } from '../partial.ts';
import { byText } from '../tree.ts';
import { type Edited, type Weakness, weaknesses } from './weakened.ts';

/** How an app stands to what was emitted, and to what would be emitted now. */
export interface Status {
  readonly name: string;
  /** The version of the templates that it has. */
  readonly version: string;
  /** The version of the templates of this tool. */
  readonly available: string;
  /** Security fixes that it has not, the worst first. */
  readonly security: readonly NoteOf[];
  /** Other changes that it has not, oldest first. */
  readonly changes: readonly NoteOf[];
  /** Files that differ from what was emitted; where each was emitted to. */
  readonly edited: readonly string[];
  /** Files that are not there any more. */
  readonly missing: readonly string[];
  /** Files in which a conflict waits for somebody. */
  readonly unresolved: readonly string[];
  readonly weakened: readonly Weakness[];
}

export interface StatusPorts {
  readonly catalogue: Catalogue;
  readonly renderProse: RenderProse;
  readonly notes: Notes;
  /** old path -> path, of files that were moved. Asked once, when a file is missing. */
  readonly moves: () => ReadonlyMap<string, string>;
  /** The code of the project beside what was emitted, by path. Asked once, when something seems to be gone. */
  readonly others: (emitted: ReadonlySet<string>) => ReadonlyMap<string, string>;
}

/** Looks at an app; changes nothing. */
export const statusOf = async (installed: Installed, { catalogue, renderProse, notes, moves, others }: StatusPorts): Promise<Status> => {
  const { lock, read, pending } = installed;
  const { state, files } = lock;
  const { edited, missing, forged } = compare(installed, moves);
  const seeming = weaknesses(edited, new Map());
  const weakened = seeming.length === 0 ? seeming : weaknesses(edited, others(new Set(Object.keys(files))));
  const told = notesBetween(notes, versionsOf(lock, catalogue), catalogue.version);
  const digestsNow = async (): Promise<Readonly<Record<string, string>>> => Object.fromEntries([...(await emissionOf(state, { catalogue, renderProse })).tree].map(([path, text]) => [path, sha256(text)]));
  // The same version emits the same bytes: what the lock says otherwise, somebody else wrote.
  const lied = state.version === catalogue.version ? differing(files, await digestsNow()).filter((path) => !pending.includes(path)) : [];
  const tampered = [...new Set([...forged, ...lied])].toSorted(byText).map((path): Weakness => ({ kind: 'lock-tampered', path, items: [], what: 'its base is not what was emitted' }));
  return {
    name: state.name,
    version: state.version,
    available: catalogue.version,
    security: told.filter(({ kind }) => kind === 'security').toSorted((a, b) => rank(b) - rank(a) || compareVersions(a.version, b.version)),
    changes: told.filter(({ kind }) => kind !== 'security'),
    edited: edited.flatMap(({ path, now }) => (now === undefined ? [] : [path])),
    missing,
    unresolved: pending.filter((path) => read(path).kind !== 'missing'),
    weakened: [...weakened, ...tampered],
  };
};

/** Whether somebody should look: a security fix waits, or a defence is less than it was. */
export const isAlarming = ({ security, weakened }: Status): boolean => security.length > 0 || weakened.length > 0;

const rank = (change: NoteOf): number => (change.kind === 'security' ? severities.indexOf(change.severity) : -1);

const differing = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((path) => a[path] !== b[path]);

/** Every emitted file that is not what it was. */
const compare = ({ lock, read }: Installed, moves: StatusPorts['moves']): { edited: Edited[]; missing: string[]; forged: string[] } => {
  const edited: Edited[] = [];
  const missing: string[] = [];
  const forged: string[] = [];
  let moved: ReadonlyMap<string, string> | undefined;
  for (const [path, digest] of Object.entries(lock.files)) {
    const here = read(path);
    const found = here.kind === 'missing' ? read((moved ??= moves()).get(path) ?? path) : here;
    const stored = read(basePathOf(path));
    const base = stored.kind === 'text' && sha256(stored.text) === digest ? stored.text : undefined;
    if (base === undefined) forged.push(path);
    if (found.kind === 'text' && sha256(found.text) === digest) continue;
    if (found.kind === 'missing') missing.push(path);
    edited.push({ path, base: base ?? '', now: found.kind === 'text' ? found.text : undefined });
  }
  return { edited, missing, forged };
};
