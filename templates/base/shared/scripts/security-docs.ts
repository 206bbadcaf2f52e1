import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFacts } from './docs/facts.ts';
import { securityPages } from './docs/pages.ts';

// Writes docs/security/*.md from the registries that enforce what they say; with --check it writes nothing and fails when
// one is stale.
const root = join(import.meta.dirname, '..');
const isCheck = process.argv.includes('--check');

for (const [path, text] of securityPages(await projectFacts())) {
  const file = join(root, path);
  if (isCheck) {
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    console.log(`${path} is stale: npm run docs`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(path);
}
