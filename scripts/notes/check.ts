import { type Notes, compareVersions } from '../../src/notes.ts';
import type { Released } from './parts.ts';

/** The parts as they are now. */
export interface Current {
  readonly version: string;
  /** part -> digest */
  readonly digests: Readonly<Record<string, string>>;
  /** part -> ids of the catalogue that it may speak of. */
  readonly items: Readonly<Record<string, readonly string[]>>;
  readonly notes: Notes;
}

/**
 * Says what is missing before these parts may be released: bytes that changed without an entry that tells the owners of
 * emitted apps, and entries that cannot be true.
 */
export const noteProblems = ({ version, digests, items, notes }: Current, released: Released): string[] => {
  const changed = Object.entries(digests).filter(([part, digest]) => released.parts[part] !== undefined && released.parts[part].digest !== digest);
  const gone = Object.keys(released.parts).filter((part) => digests[part] === undefined);
  const isNext = compareVersions(version, released.version) > 0;
  return [
    ...(changed.length + gone.length > 0 && !isNext ? [`Templates changed since ${released.version} was released: raise "version" in package.json.`] : []),
    ...changed.flatMap(([part]) =>
      (notes[part] ?? []).some((change) => compareVersions(change.version, released.version) > 0) ? [] : [`templates/${part} changed since ${released.version}: say what and why in templates/${part}/notes.ts.`],
    ),
    ...gone.map((part) => `templates/${part} is gone; apps that have it would lose it unsaid.`).filter(() => !isNext),
    ...Object.entries(notes).flatMap(([part, entries]) => entries.flatMap((change) => entryProblems(part, change, version, items[part] ?? []))),
  ];
};

const entryProblems = (part: string, change: Notes[string][number], version: string, known: readonly string[]): string[] => {
  const where = `templates/${part}/notes.ts, ${change.version}:`;
  return [
    ...(/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(change.version) ? [] : [`${where} this is no version.`]),
    ...(compareVersions(change.version, version) > 0 ? [`${where} this is newer than ${version}, the version in package.json.`] : []),
    ...(change.what.trim() === '' || change.why.trim() === '' ? [`${where} what and why must be said.`] : []),
    ...(change.kind === 'security' && change.items.length === 0 ? [`${where} a security fix names the items whose defence was weak.`] : []),
    ...(change.kind === 'security' ? change.items.filter((item) => !known.includes(item)).map((item) => `${where} ${part} has no item ${item}.`) : []),
  ];
};
