import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { sha256 } from '../../src/digest.ts';
import { basePathOf, parseLock, withLock, lockPath } from '../../src/lock.ts';
import { targets } from '../../src/manifest.ts';
import { plan } from '../../src/plan.ts';
import { bytes, catalogue, rendered, scratch, wish } from './fixtures.ts';

const all = Object.keys(catalogue.protections);

describe.each(targets)('the same state on %s', (target) => {
  test('has the same bytes when rendered again', () => {
    expect(bytes(rendered({ target, preset: 'all' }))).toBe(bytes(rendered({ target, preset: 'all' })));
  });

  test('has the same bytes whichever way it was asked for', () => {
    const named = rendered({ target, preset: 'minimal', with: all });
    expect(bytes(rendered({ target, preset: 'minimal', with: all.toReversed() }))).toBe(bytes(named));
    expect(bytes(rendered({ target, preset: 'all' }))).toBe(bytes(named));
  });

  test('has text files with LF, a newline at the end, and paths that stay inside', () => {
    for (const [file, text] of rendered({ target, preset: 'all' })) {
      expect(text.includes('\r'), file).toBe(false);
      expect(text.endsWith('\n'), file).toBe(true);
    }
  });

  test('has a lock that reads back as that state, with the digest of every file', () => {
    const state = plan(wish({ target, preset: 'all' }), catalogue);
    const tree = rendered({ target, preset: 'all' });
    const locked = withLock(tree, state, sha256);
    const lock = parseLock(locked.get(lockPath) ?? '');
    expect(lock.state).toEqual(state);
    expect(Object.keys(lock.files)).toEqual([...tree.keys()]);
    for (const [file, text] of tree) {
      expect(lock.files[file]).toBe(sha256(text));
      expect(locked.get(basePathOf(file))).toBe(text);
    }
  });
});

test('time zone, locale, user and folder change no byte of a created app', async () => {
  const cli = path.join(repositoryRoot, 'bin/create-secure-app.js');
  const created = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const parent = await scratch();
    const { stdout } = await execa(process.execPath, [cli, path.join(parent, 'my-app'), '--yes', '--diff', '--pm', 'npm'], { env: { npm_config_user_agent: '', ...env } });
    return stdout;
  };
  const plain = await created({ TZ: 'UTC', LANG: 'C', LC_ALL: 'C' });
  expect(plain).toContain('+++ b/package.json');
  expect(await created({ TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', USER: 'someone', HOME: '/nonexistent' })).toBe(plain);
  expect(await created({ TZ: 'America/St_Johns', LANG: 'de_DE.UTF-8', LC_ALL: 'sv_SE.UTF-8', NODE_ENV: 'production' })).toBe(plain);
});
