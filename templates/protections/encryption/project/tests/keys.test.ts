import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { keyFolder, run } from '#tests/support/encryption/processes.ts';

const keys = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => run(['src/manage-keys.ts', ...args], env);

test('npm run keys makes a master key, lists the ring and rotates it; it says what it can do when it is not understood', async () => {
  const path = join(keyFolder(), 'made.key');
  const [init, list, rotate, nonsense] = await Promise.all([
    keys(['init'], { MASTER_KEY_FILE: path }),
    keys(['list']),
    keys(['rotate', 'signing']),
    keys(['rotate', 'everything']),
  ]);
  assert.match(init.output, /was made/);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.match(list.output, /^[0-9a-f]{16} {2}sealing .* active .* \d+ values$/m);
  assert.match(rotate.output, /^The new key is [0-9a-f]{16}/);
  assert.equal(nonsense.code, 1);
  assert.match(nonsense.output, /npm run keys -- <command>/);
});
