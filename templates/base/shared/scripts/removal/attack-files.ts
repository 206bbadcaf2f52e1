import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A file of attacks, and the items that it is about. */
export interface AttackFile {
  readonly file: string;
  readonly items: readonly string[];
}

export const attackFiles = (root: string): AttackFile[] =>
  readdirSync(join(root, 'tests/attacks'))
    .filter((name) => name.endsWith('.test.ts'))
    .toSorted()
    .map((name) => {
      const file = `tests/attacks/${name}`;
      const claims = readFileSync(join(root, file), 'utf8').matchAll(/\battack\(\s*'([A-Z]+\d+)'/g);
      return { file, items: [...new Set([...claims].map(([, item = '']) => item))] };
    });

/** The Node flags of `npm test`, without those of the test runner: the app is to be tested as it always is. */
export const nodeFlagsOfTests = (root: string): string[] => {
  const command = /^\s*"test": "((?:[^"\\]|\\.)*)"/m.exec(readFileSync(join(root, 'package.json'), 'utf8'))?.[1] ?? '';
  return command.split(' ').filter((word) => word.startsWith('--') && !word.startsWith('--test'));
};
