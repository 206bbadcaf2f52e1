import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BootCheck } from '#src/config.ts';
import { objectAt, textAt } from './json.ts';
import { meetsMinimum } from './versions.ts';

/**
 * Refuses a Node that `engines` of package.json does not allow: npm only warns, and nobody runs npm in production. An
 * old Node lacks security fixes, and parts that the app relies on (ASVS V15.2.1).
 */
export const bootCheck: BootCheck = ({ nodeVersion, root }) => {
  const problems: string[] = [];
  const description: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const required = textAt(objectAt(description, 'engines'), 'node') ?? 'engines.node, which package.json must name';
  if (!meetsMinimum(nodeVersion, required)) problems.push(`Node must be ${required}; this is ${nodeVersion}`); // protect: Q433
  return problems;
};
