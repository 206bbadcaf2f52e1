import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFacts } from './docs/facts.ts';
import { securityPages } from './docs/pages.ts';

// Writes docs/security/*.md from the registries that enforce what they say.
const root = join(import.meta.dirname, '..');
for (const [path, text] of securityPages(await projectFacts())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(path);
}
