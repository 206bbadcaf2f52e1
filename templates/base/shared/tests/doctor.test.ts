import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { inForce } from '#src/protections/app-core/in-force.ts';
import { startApp } from '#tests/support/app.ts';
import { parseObject } from '#tests/support/json.ts';

const root = join(import.meta.dirname, '..');

/** Runs `npm run doctor -- --json` with some variables changed. */
const doctor = (env: Readonly<Record<string, string>>): Promise<{ readonly code: number; readonly text: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--disable-proto=delete', 'scripts/doctor.ts', '--json'],
      { cwd: root, env: { ...process.env, NODE_ENV: 'test', ...env } },
      (_error, stdout) => resolve({ code: child.exitCode ?? -1, text: stdout }),
    );
  });

test('doctor lists every problem of the configuration, and no value', async () => {
  const { code, text } = await doctor({ PORT: 'mallory-was-here', LOG_LEVEL: 'mallory-was-here' });
  assert.equal(code, 1);
  assert.match(text, /PORT must be/);
  assert.match(text, /LOG_LEVEL must be/);
  assert.doesNotMatch(text, /mallory/);
});

test('doctor finds nothing where the tests run', async () => {
  const { code, text } = await doctor({});
  const app = await startApp();
  assert.deepEqual(parseObject(text), { ok: true, findings: [], advice: [], inForce: inForce(app.context) });
  assert.equal(code, 0);
});
