import { join, resolve } from 'node:path';
import type { BootCheck } from '#src/config.ts';
import { looseSecrets, worldWritable } from './modes.ts';

/**
 * Sets the umask, so that what the app creates from here on is readable for its own user alone, and refuses to start
 * with rights that nobody needs (ASVS V13.2.2, V13.3.2).
 */
export const bootCheck: BootCheck = ({ config, root, uid }) => {
  process.umask(0o077); // protect: Q437
  const problems: string[] = [];
  // No user ids: a system without modes.
  if (uid === undefined) return problems;

  const production = config.NODE_ENV === 'production';
  const writable = config.WRITABLE_DIRS.map((directory) => resolve(root, directory));
  const code = production ? [root, join(root, 'src'), join(root, 'node_modules')] : [];
  if (production && uid === 0) problems.push('The app must not run as root (uid 0): give it a user of its own'); // protect: Q437
  for (const file of looseSecrets(root, writable)) problems.push(`${file} can be read by others: chmod 600 it`); // protect: Q437
  for (const path of worldWritable([...writable, ...code])) problems.push(`${path} can be written by all: chmod o-w it`); // protect: Q437
  return problems;
};
