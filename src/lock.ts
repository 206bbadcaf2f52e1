import { Refusal } from './errors.ts';
import { type OptionValue, targets } from './manifest.ts';
import { placementOf } from './foreign/placement.ts';
import { isPackageManager } from './package-manager.ts';
import type { PartName } from './notes.ts';
import type { State } from './plan.ts';
import { type Tree, byText, pathProblem, sortedTree } from './tree.ts';

export const lockPath = '.secure-app/lock.json';
export const basePrefix = '.secure-app/base/';
/** Where the base of a file is kept. Test runners look everywhere for names such as `x.test.ts`: there it is not one. */
export const basePathOf = (path: string): string => `${basePrefix}${path}${/\.(?:test|spec)\.[cm]?[jt]sx?$/.test(path) ? '.base' : ''}`;
/** What the other side of a conflict wanted, until somebody has chosen: then it is the base. */
export const pendingPrefix = '.secure-app/pending/';

/** Hex SHA-256 of a text as UTF-8. */
export type Digest = (text: string) => string;

/** The same for the text of a file, which may be known by its path. */
export type FileDigest = (text: string, path: string) => string;

/** What the tool remembers of an app: the state, and a digest of every file as it was emitted. */
export interface Lock {
  readonly state: State;
  /** Parts that are newer than the version of the state, with theirs: after an upgrade of some parts alone. */
  readonly ahead?: Readonly<Record<PartName, string>>;
  /** path -> hex SHA-256 */
  readonly files: Readonly<Record<string, string>>;
}

const format = 1;

/**
 * The lock and the base for a tree of emitted files. Normalised: no time, no machine, no command line, so that equal
 * states have equal bytes whichever way they came about.
 */
export const withLock = (tree: Tree, state: State, digest: FileDigest): Tree => {
  const files = Object.fromEntries([...tree].map(([path, text]) => [path, digest(text, path)]));
  const base = [...tree].map(([path, text]) => [basePathOf(path), text] as const);
  return sortedTree([...tree, ...base, [lockPath, formatLock({ state, files })]]);
};

/** The text of a lock. */
export const formatLock = ({ state, ahead, files }: Lock): string => {
  const { version, name, target, packageManager, pinNode, protections, options, foreign } = state;
  return `${JSON.stringify({ format, version, name, target, packageManager, pinNode, protections, options, ...(foreign === undefined ? {} : { foreign }), ...(ahead === undefined ? {} : { ahead }), files }, null, 2)}\n`;
};

/**
 * Reads a lock. It is untrusted: it came with the repo.
 * @throws Refusal that names what is wrong.
 */
export const parseLock = (text: string): Lock => {
  const refuse = (what: string): never => {
    throw new Refusal(`${lockPath} cannot be used: ${what}.`);
  };
  const data = record(parseJson(text) ?? refuse('it is not JSON'));
  if (data === undefined) return refuse('it is not an object');
  const extra = Object.keys(data).find((key) => !keys.includes(key));
  if (extra !== undefined) refuse(`it has an unknown field ${JSON.stringify(extra.slice(0, 40))}`);
  if (data['format'] !== format) refuse(`its format is not ${format}; use a newer create-secure-app`);
  const { version, name, packageManager, pinNode } = data;
  if (!isVersion(version)) return refuse('"version" is not a version');
  if (typeof name !== 'string' || !isName(name)) return refuse('"name" is not a name');
  if (typeof packageManager !== 'string' || !isPackageManager(packageManager)) return refuse('"packageManager" is unknown');
  if (typeof pinNode !== 'boolean') return refuse('"pinNode" is not true or false');
  const target = targets.find((known) => known === data['target']) ?? refuse('"target" is unknown');
  const protections = identifiers(data['protections']) ?? refuse('"protections" is not a sorted list of ids');
  const options = optionsOf(data['options'], protections) ?? refuse('"options" does not fit the protections');
  const files = filesOf(data['files'], refuse);
  const { foreign: placed } = data;
  const foreign = placed === undefined ? undefined : (placementOf(placed) ?? refuse('"foreign" does not say where the code stands'));
  const ahead = data['ahead'] === undefined ? undefined : (aheadOf(data['ahead']) ?? refuse('"ahead" does not say which parts are newer'));
  return { ...(ahead === undefined ? {} : { ahead }), state: { version, name, target, packageManager, pinNode, protections, options, ...(foreign === undefined ? {} : { foreign }) }, files };
};

const keys = ['format', 'version', 'name', 'target', 'packageManager', 'pinNode', 'protections', 'options', 'foreign', 'ahead', 'files'];

/** Whether a text can be the name of an app in a lock. */
export const isName = (text: string): boolean => /^[a-z0-9][a-z0-9._-]{0,99}$/.test(text);

const isVersion = (value: unknown): value is string => typeof value === 'string' && /^\d{1,6}\.\d{1,6}\.\d{1,6}(?:-[\w.]{1,40})?$/.test(value);

const aheadOf = (value: unknown): Record<PartName, string> | undefined => {
  const parts = record(value);
  const entries = Object.entries(parts ?? {}).filter((entry): entry is [string, string] => /^(?:base|(?:services|protections)\/[a-z][a-z0-9-]{0,59})$/.test(entry[0]) && isVersion(entry[1]));
  return parts !== undefined && entries.length === Object.keys(parts).length && entries.length > 0 ? Object.fromEntries(entries) : undefined;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : undefined;

const isIdentifier = (value: unknown): value is string => typeof value === 'string' && /^[a-z][a-z0-9-]{0,59}$/.test(value);

const identifiers = (value: unknown): string[] | undefined => {
  if (!Array.isArray(value) || value.length > 500) return undefined;
  const ids = value.filter(isIdentifier);
  const isSorted = ids.every((id, index) => index === 0 || byText(ids[index - 1] ?? '', id) < 0);
  return ids.length === value.length && isSorted ? ids : undefined;
};

const isOptionValue = (value: unknown): value is OptionValue =>
  typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && value.length <= 10_000);

const optionsOf = (value: unknown, protections: readonly string[]): State['options'] | undefined => {
  const byProtection = record(value);
  if (byProtection === undefined) return undefined;
  const options: Record<string, Record<string, OptionValue>> = {};
  for (const [id, answers] of Object.entries(byProtection)) {
    const given = record(answers);
    if (given === undefined || !protections.includes(id)) return undefined;
    const values = Object.entries(given).flatMap(([name, answer]) => (/^[a-zA-Z]\w{0,59}$/.test(name) && isOptionValue(answer) ? [[name, answer] as const] : []));
    if (values.length !== Object.keys(given).length) return undefined;
    options[id] = Object.fromEntries(values);
  }
  return options;
};

const filesOf = (value: unknown, refuse: (what: string) => never): Record<string, string> => {
  const files = record(value) ?? refuse('"files" is not an object');
  const entries = Object.entries(files).map(([path, digest]): [string, string] => {
    const problem = pathProblem(path);
    const shown = JSON.stringify(path.slice(0, 80));
    if (problem !== undefined) return refuse(`the path ${shown} ${problem}`);
    if (path.startsWith('.secure-app/')) return refuse(`the path ${shown} is the tool's own`);
    if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) return refuse(`the digest of ${shown} is not SHA-256`);
    return [path, digest];
  });
  return Object.fromEntries(entries);
};
