import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A JSON object, such as a package.json. */
export type Manifest = Readonly<Record<string, unknown>>;

export interface Version {
  readonly name: string;
  readonly version: string;
}

const isObject = (value: unknown): value is Manifest => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws TypeError for a file that holds no JSON object. */
export const readObject = (file: string): Manifest => {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isObject(value)) throw new TypeError(`${file} is no JSON object.`);
  return value;
};

/** The version that npm found too young, from what it wrote; undefined when it failed for another reason. */
export const youngPinOf = (stderr: string): Version | undefined => {
  const [, name, version] = /No matching version found for (@?[^@\s]+)@(\d\S*) with a date before/.exec(stderr) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
};

/** True when the registry could not be asked. */
export const isOffline = (stderr: string): boolean => /code (?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH|E5\d\d|E429)/.test(stderr);

/** Lets npm choose an older version in the place of a pin, so that the next pin can be looked at; false where none names it. */
export const pinnedLoosely = (folder: string, { name, version }: Version): boolean => {
  let found = false;
  for (const file of ['package.json', 'templates/package.json'].map((each) => path.join(folder, each))) {
    const manifest = readObject(file);
    const groups = ['dependencies', 'devDependencies'].flatMap((group): [string, Manifest][] => {
      const pins = manifest[group];
      if (!isObject(pins) || pins[name] !== version) return [];
      found = true;
      return [[group, { ...pins, [name]: `<${version}` }]];
    });
    if (groups.length > 0) writeFileSync(file, JSON.stringify({ ...manifest, ...Object.fromEntries(groups) }, null, 2));
  }
  return found;
};

/** Every version of a package-lock.json that comes from the registry. */
export const lockedVersions = (lock: Manifest): Version[] =>
  Object.entries(isObject(lock['packages']) ? lock['packages'] : {}).flatMap(([place, entry]) => {
    const at = place.lastIndexOf('node_modules/');
    const isLink = isObject(entry) && entry['link'] === true;
    const version = isObject(entry) ? entry['version'] : undefined;
    return at < 0 || isLink || typeof version !== 'string' ? [] : [{ name: place.slice(at + 'node_modules/'.length), version }];
  });

/** True when `one` comes behind `other` (Semantic Versioning 2.0.0, section 11, but for the order among pre-releases). */
export const isNewer = (one: string, other: string): boolean => {
  const [a, b] = [partsOf(one), partsOf(other)];
  const differing = a.findIndex((part, index) => part !== b[index]);
  return differing >= 0 && (a[differing] ?? 0) > (b[differing] ?? 0);
};

/** The three numbers, and whether it is a release. */
const partsOf = (version: string): readonly number[] => {
  const [release = '', preRelease] = (version.split('+')[0] ?? '').split(/-(.*)/s);
  return [...release.split('.').map(Number), preRelease === undefined ? 1 : 0];
};

/** The highest version of each name. */
export const newestOf = (versions: readonly Version[]): ReadonlyMap<string, string> => {
  const newest = new Map<string, string>();
  for (const { name, version } of versions) if (isNewer(version, newest.get(name) ?? '0.0.0-0')) newest.set(name, version);
  return newest;
};
