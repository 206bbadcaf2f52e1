import { isObject, objectAt, textAt } from './json.ts';

export interface LockRules {
  /** The one registry that packages may come from, with a trailing slash. */
  readonly registry: string;
  /** Names of packages whose install script may run. */
  readonly scripts: readonly string[];
}

/** The registry of npm, for a project whose `.npmrc` names no other. */
export const publicRegistry = 'https://registry.npmjs.org/';

/**
 * What is wrong with a package-lock.json. Nobody reads a lock in a review, so a single changed line in it is the easiest
 * way to bring foreign code in (CWE-494): another host, no hash, another package under a known name.
 */
export const lockProblems = (lock: unknown, rules: LockRules): string[] => {
  const packages = objectAt(lock, 'packages');
  const version = isObject(lock) ? lock['lockfileVersion'] : undefined;
  const problems: string[] = [];
  if (version !== 3 && version !== 2) problems.push('the lock must have lockfileVersion 3 (npm 7 or newer writes it)');
  for (const [place, entry] of Object.entries(packages)) {
    if (place !== '') problems.push(...entryProblems(place, entry, rules).map((problem) => `${place}: ${problem}`));
  }
  return problems;
};

/** `node_modules/a/node_modules/@b/c` -> `@b/c` */
const nameAt = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);

const sha512 = /^sha512-[A-Za-z0-9+/]{86}==$/;

const entryProblems = (place: string, entry: unknown, { registry, scripts }: LockRules): string[] => {
  if (!isObject(entry)) return ['is not an entry of a lock'];
  const problems: string[] = [];
  const name = nameAt(place);
  const bundled = entry['inBundle'] === true;
  const resolved = canonical(textAt(entry, 'resolved'));
  const inRegistry = resolved?.startsWith(registry) === true;
  const folder = !place.startsWith('node_modules/') || entry['link'] === true;
  if (folder) problems.push('is a folder, no package of the registry'); // protect: Q433
  if (resolved !== undefined && !inRegistry) problems.push(`comes from ${originOf(resolved)}, not from ${registry}`); // protect: Q433
  if (inRegistry && !resolved.startsWith(`${registry}${name}/-/`)) problems.push('is another package under this name'); // protect: Q433
  if (entry['name'] !== undefined && entry['name'] !== name) problems.push('is an alias'); // protect: Q433
  if (!bundled && !sha512.test(textAt(entry, 'integrity') ?? '')) problems.push('has no sha512 integrity'); // protect: Q433
  if (entry['hasInstallScript'] === true && !scripts.includes(name)) problems.push('has an unapproved install script'); // protect: Q433
  return problems;
};

/** Without `..` and whatever else would make two addresses of one; text that is no address stays as it is. */
const canonical = (resolved: string | undefined): string | undefined =>
  resolved !== undefined && URL.canParse(resolved) ? new URL(resolved).href : resolved;

/** Where a package comes from, without what may be a credential in it. */
const originOf = (resolved: string): string => {
  if (!URL.canParse(resolved)) return 'no address';
  const { protocol, host } = new URL(resolved);
  return `${protocol}//${host}`;
};

/** The registry that an `.npmrc` names. */
export const registryOf = (npmrc: string): string => {
  const named = /^\s*registry\s*=\s*(\S+?)\/?\s*$/m.exec(npmrc)?.[1];
  return named === undefined ? publicRegistry : `${named}/`;
};

/** The packages that `allowScripts` of package.json lets run their install script. */
export const approvedScripts = (description: unknown): string[] =>
  Object.entries(objectAt(description, 'allowScripts'))
    .filter(([, approved]) => approved === true)
    .map(([name]) => name.replace(/(?<=.)@.*$/, ''));
