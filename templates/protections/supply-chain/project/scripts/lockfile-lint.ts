import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { approvedScripts, lockProblems, registryOf } from '#src/protections/supply-chain/lockfile.ts';
import { versionProblems } from '#src/protections/supply-chain/package-versions.ts';

// Checks package.json and package-lock.json before anything is installed: it needs no package itself.
// npm run lint:lockfile [-- FOLDER]
const root = process.argv[2] ?? join(import.meta.dirname, '..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

const description: unknown = JSON.parse(read('package.json'));
const problems = versionProblems(description);
if (existsSync(join(root, 'package-lock.json'))) {
  const registry = registryOf(existsSync(join(root, '.npmrc')) ? read('.npmrc') : '');
  const lock: unknown = JSON.parse(read('package-lock.json'));
  problems.push(...lockProblems(lock, { registry, scripts: approvedScripts(description) }));
} else {
  problems.push('there is no package-lock.json: run npm install, and commit the lock');
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
