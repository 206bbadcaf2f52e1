import { sha256 } from './digest.ts';
import type { Catalogue } from './catalogue.ts';
import type { Planned } from './change.ts';
import { Refusal, UsageError } from './errors.ts';
import type { Installed } from './installed.ts';
import { type Lock, basePathOf } from './lock.ts';
import { type Notes, type PartName, compareVersions, notesBetween } from './notes.ts';
import type { State } from './plan.ts';
import { type Emission, partPaths } from './render.ts';
import { sortedTree } from './tree.ts';

/** The parts of an app, with the version of each that it has. */
export const versionsOf = ({ state, ahead = {} }: Lock, catalogue: Catalogue): ReadonlyMap<PartName, string> =>
  new Map([...partPaths(state, catalogue).keys()].map((part) => [part, Object.hasOwn(ahead, part) ? (ahead[part] ?? state.version) : state.version]));

/** Which parts an upgrade is about; all of them when nothing is said. */
export interface Narrowing {
  readonly securityOnly: boolean;
  /** Ids of protections. */
  readonly protections: readonly string[];
}

/**
 * The parts that an upgrade is narrowed to; nothing when it is not.
 * @throws UsageError for a protection that the app has not.
 */
export const chosenParts = ({ securityOnly, protections }: Narrowing, lock: Lock, catalogue: Catalogue, notes: Notes): ReadonlySet<PartName> | undefined => {
  if (!securityOnly && protections.length === 0) return undefined;
  if (lock.state.foreign !== undefined) throw new UsageError('In a repo that create-secure-app did not make, upgrade brings everything at once.');
  const absent = protections.find((id) => !lock.state.protections.includes(id));
  if (absent !== undefined) throw new UsageError(`--protection ${absent}: this app does not have it. It has: ${lock.state.protections.join(', ')}.`);
  const named = protections.map((id): PartName => `protections/${id}`);
  if (!securityOnly) return new Set(named);
  const fixed = notesBetween(notes, versionsOf(lock, catalogue), catalogue.version).flatMap(({ kind, part }) => (kind === 'security' ? [part] : []));
  return new Set(named.length === 0 ? fixed : fixed.filter((part) => named.includes(part)));
};

/**
 * An upgrade of some parts alone: the files that they bring, and what is made from all parts, are the new ones; everything
 * else stays as it was emitted last. The types and the attacks of the app say whether the two fit.
 * @param whole what the upgrade of everything would emit.
 * @throws Refusal when a file that stays has lost its base.
 */
export const partially = (chosen: ReadonlySet<PartName>, { lock, read }: Installed, next: State, whole: Emission, catalogue: Catalogue): Planned => {
  const paths = partPaths(next, catalogue);
  const untouched = new Set([...paths].flatMap(([part, brought]) => (chosen.has(part) ? [] : brought)));
  const mine = [...chosen].flatMap((part) => paths.get(part) ?? []);
  const isTouched = (path: string): boolean => !untouched.has(path) && whole.tree.has(path);
  const stored = (path: string): string => {
    const found = read(basePathOf(path));
    if (found.kind !== 'text' || sha256(found.text) !== lock.files[path]) throw new Refusal(`${basePathOf(path)} is not what was emitted: upgrade as a whole, or see create-secure-app upgrade --adopt.`);
    return found.text;
  };
  const kept = Object.keys(lock.files).filter((path) => !isTouched(path));
  // Nothing that these parts bring is new: then what is made from all parts stays, too.
  const isIdle = mine.every((path) => lock.files[path] !== undefined && sha256(whole.tree.get(path) ?? '') === lock.files[path]);
  const tree = isIdle
    ? sortedTree(Object.keys(lock.files).map((path) => [path, stored(path)] as const))
    : sortedTree([...kept.map((path) => [path, stored(path)] as const), ...[...whole.tree].filter(([path]) => isTouched(path))]);
  const before = versionsOf(lock, catalogue);
  const ahead = Object.fromEntries(
    [...before].flatMap(([part, version]) => {
      const now = chosen.has(part) ? catalogue.version : version;
      return compareVersions(now, lock.state.version) > 0 ? [[part, now] as const] : [];
    }),
  );
  return { state: lock.state, emission: { tree, digests: new Map(), secrets: isIdle ? [] : whole.secrets }, ...(Object.keys(ahead).length === 0 ? {} : { ahead }) };
};
