import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startApp } from '#tests/support/app.ts';
import { projectFacts } from '../scripts/docs/facts.ts';
import { routeFact } from '../scripts/docs/routes.ts';

test('docs/security says what the code enforces: run `npm run docs` when it does not', async () => {
  // In a process of its own: in this one, tests have declared limits and routes.
  const run = promisify(execFile)(process.execPath, ['--disable-proto=delete', 'scripts/security-docs.ts', '--check'], { cwd: join(import.meta.dirname, '..') });
  assert.equal((await run).stdout, '');
});

test('the routes of the running app are those of the registries', async () => {
  const app = await startApp();
  const running = app.context.routing.inventory.map((policy) => routeFact(policy.fullPath, policy));
  assert.deepEqual(running, (await projectFacts()).routes);
});
