import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startApp } from '#tests/support/app.ts';
import { projectFacts } from '../scripts/docs/facts.ts';
import { securityPages } from '../scripts/docs/pages.ts';
import { routeFact } from '../scripts/docs/routes.ts';

const root = join(import.meta.dirname, '..');

test('docs/security says what the code enforces: run `npm run docs` when it does not', async () => {
  for (const [path, text] of securityPages(await projectFacts())) assert.equal(await readFile(join(root, path), 'utf8'), text, `${path} is stale`);
});

test('the routes of the running app are those of the registries', async () => {
  const app = await startApp();
  const running = app.context.routing.inventory.map((policy) => routeFact(policy.fullPath, policy));
  assert.deepEqual(running, (await projectFacts()).routes);
});
