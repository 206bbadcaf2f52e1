import { isObject, objectAt } from './json.ts';

const exact = /^\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\+[\w.-]+)?$/;

/**
 * What in package.json could bring in code that nobody looked at: ranges, tags, git, URLs, folders, aliases. Only exact
 * versions pass; an update is a change that somebody reviews (CWE-829).
 */
export const versionProblems = (description: unknown): string[] =>
  ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides'].flatMap((section) =>
    inSection(section, objectAt(description, section)),
  );

const inSection = (section: string, entries: object): string[] =>
  Object.entries(entries).flatMap(([name, version]: [string, unknown]) => {
    if (isObject(version)) return inSection(`${section}.${name}`, version);
    // `$name` in overrides means: the version that this file names for it.
    const pinned = typeof version === 'string' && (exact.test(version) || (section.startsWith('overrides') && version.startsWith('$')));
    return pinned ? [] : [`${section}.${name} is ${JSON.stringify(version)}, not one exact version`]; // protect: Q433 (pinned ? -> true ?)
  });
