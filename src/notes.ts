import { byText } from './tree.ts';

/** How bad it is when a security fix is missing. */
export const severities = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** An export with another name. */
export interface Rename {
  /** Where it is emitted to, `src/protections/gate/core.ts` for example. */
  readonly module: string;
  readonly from: string;
  readonly to: string;
}

/** A change of what a part emits, told to those who have its code already. */
export type Note = {
  /** The version of the templates that brings it. */
  readonly version: string;
  /** One sentence: what is different now. */
  readonly what: string;
  readonly why: string;
  /** What the owner of the app must do besides merging it. */
  readonly action?: string;
  /** Exports that have another name now: `upgrade` follows them in the owner's own code. */
  readonly renames?: readonly Rename[];
} & (
  | { readonly kind: 'feature' | 'fix' }
  /** `items`: ids of the catalogue whose defence was weak. */
  | { readonly kind: 'security'; readonly severity: Severity; readonly items: readonly string[] }
);

/** `base`, `services/<id>` or `protections/<id>`. */
export type PartName = string;

/** Notes by part, in the order in which they were written. */
export type Notes = Readonly<Record<PartName, readonly Note[]>>;

/** A change, and whose it is. */
export type NoteOf = Note & { readonly part: PartName };

/**
 * Orders versions as semver does, numbers before the names of prereleases.
 * @returns less than 0 when `a` is older, 0 when both are the same, more than 0 when it is newer.
 */
export const compareVersions = (a: string, b: string): number => {
  const [coreA = '', ...preA] = a.split('-');
  const [coreB = '', ...preB] = b.split('-');
  const numbers = (core: string): number[] => core.split('.').map(Number);
  const [x, y] = [numbers(coreA), numbers(coreB)];
  for (const index of [0, 1, 2]) {
    const difference = (x[index] ?? 0) - (y[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (preA.length === 0 || preB.length === 0) return preB.length - preA.length;
  return byText(preA.join('-'), preB.join('-'));
};

/** What changed in parts, each after the version of it that an app has, up to another one: oldest version first, then by part. */
export const notesBetween = (notes: Notes, parts: ReadonlyMap<PartName, string>, upTo: string): NoteOf[] =>
  [...parts]
    .flatMap(([part, after]) => (notes[part] ?? []).filter(({ version }) => compareVersions(version, after) > 0).map((note) => ({ ...note, part })))
    .filter(({ version }) => compareVersions(version, upTo) <= 0)
    .toSorted((a, b) => compareVersions(a.version, b.version) || byText(a.part, b.part));
