import { readdirSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Sandbox {
  /** The directory of the project. */
  readonly root: string;
  /** Directories that the app writes to, below the root or absolute. They must exist. */
  readonly writable: readonly string[];
}

/**
 * Flags of Node for a process that can read the project, write its data, and start no other process: not even by a
 * bug in a dependency (ASVS V15.2.5). What begins with a dot (`.env`, `.git`) it cannot read: the environment has been
 * read before.
 */
export const sandboxFlags = ({ root, writable }: Sandbox): string[] => {
  const entries = readdirSync(root).filter((name) => !name.startsWith('.')); // protect: Q437 (!name.startsWith('.') -> name !== '')
  const paths = entries.map((name) => join(root, name));
  // Where node_modules is a link, its target is what Node opens.
  const modules = entries.filter((name) => name === 'node_modules').map((name) => realpathSync(join(root, name)));
  const data = writable.map((directory) => resolve(root, directory));
  const flags = [...new Set([...paths, ...modules, ...data])].map((path) => `--allow-fs-read=${path}`);
  flags.push(...data.map((path) => `--allow-fs-write=${path}`));
  flags.unshift('--permission'); // protect: Q437 ('--permission' -> '--permission-audit')
  // From Node 25 on the network is closed too, unless it is granted.
  if (process.allowedNodeEnvironmentFlags.has('--allow-net')) flags.push('--allow-net');
  return flags;
};
