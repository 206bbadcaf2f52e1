import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Changed, change } from '../../src/change.ts';
import { sha256 } from '../../src/digest.ts';
import { realDisk } from '../../src/disk.ts';
import { UsageError } from '../../src/errors.ts';
import { installedAt } from '../../src/installed.ts';
import { withLock } from '../../src/lock.ts';
import type { Notes } from '../../src/notes.ts';
import type { Narrowing } from '../../src/partial.ts';
import { plan } from '../../src/plan.ts';
import { render } from '../../src/render.ts';
import { statusOf } from '../../src/status/status.ts';
import { upgrading } from '../../src/upgrade-command.ts';
import { writeTree } from '../../src/commit.ts';
import { catalogue, renderProse, scratch, wish } from './fixtures.ts';
import { errors, later, notes, redirects, version } from './later.ts';
import { quietPorts } from './ports.ts';

const ports = quietPorts(later);

const app = async () => {
  const root = path.join(await scratch(), 'app');
  const state = plan(wish({ target: 'fastify', preset: 'minimal', with: ['redirects', 'errors'] }), catalogue);
  realDisk.makeDirectory(root);
  writeTree(root, withLock(render(state, catalogue, renderProse), state, sha256), realDisk);
  const request = { command: 'upgrade', root, dryRun: false, install: false, verify: false, allowDirty: false, verbose: false };
  return {
    read: (file: string): string => readFileSync(path.join(root, file), 'utf8'),
    write: (file: string, text: string): void => writeFileSync(path.join(root, file), text),
    upgrade: (narrowing: Partial<Narrowing> = {}, told = notes): Promise<Changed> => change(request, upgrading({ securityOnly: false, protections: [], ...narrowing }, [], told), ports),
    status: async () => {
      const installed = installedAt(root);
      if (installed === undefined) throw new Error('no lock');
      return statusOf(installed, { catalogue: later, renderProse, notes, moves: () => new Map(), others: () => new Map() });
    },
  };
};

const whatOf = ({ notes: all }: Changed): string[] => all.map(({ what }) => what);

describe('upgrade of some parts', () => {
  test('security fixes alone: the rest stays as it was, and status asks for it no more', async () => {
    const { read, upgrade, status } = await app();
    expect((await status()).security).toHaveLength(1);
    const changed = await upgrade({ securityOnly: true });
    expect(whatOf(changed)).toEqual(['No more open redirect.']);
    expect(read(redirects)).toMatch(/Later/);
    expect(read(errors)).not.toMatch(/Later/);
    const { security, changes, weakened, edited, version: has } = await status();
    expect({ security, weakened, edited, has }).toEqual({ security: [], weakened: [], edited: [], has: catalogue.version });
    expect(changes.map(({ what }) => what)).toEqual(['New words.']);
    expect((await upgrade({ securityOnly: true })).puts.size).toBe(0);
  });

  test('one protection, then everything, comes to the same bytes as everything at once', async () => {
    const [parts, whole] = [await app(), await app()];
    expect(whatOf(await parts.upgrade({ protections: ['errors'] }))).toEqual(['New words.']);
    expect(parts.read(redirects)).not.toMatch(/Later/);
    await parts.upgrade();
    await whole.upgrade();
    for (const file of [redirects, errors, '.secure-app/lock.json', 'package.json', 'SECURITY.md']) expect(parts.read(file), file).toBe(whole.read(file));
    expect((await parts.status()).version).toBe(version);
  });

  test('edits stay, in what is upgraded and in what is not', async () => {
    const { read, write, upgrade } = await app();
    for (const file of [redirects, errors]) write(file, `// Mine.\n${read(file)}`);
    await upgrade({ securityOnly: true });
    expect(read(redirects)).toMatch(/^\/\/ Mine\.\n[^]*\/\/ Later\.\n$/);
    expect(read(errors)).toMatch(/^\/\/ Mine\./);
    expect(read(errors)).not.toMatch(/Later/);
  });

  test('a base that was changed is not written back as the truth', async () => {
    const { read, write, upgrade } = await app();
    const base = `.secure-app/base/${errors}`;
    write(base, `${read(base)}// Forged.\n`);
    await expect(upgrade({ securityOnly: true })).rejects.toThrow(/is not what was emitted/);
  });

  test('renamed exports are followed in the code of the owner, and where they cannot be nothing is written', async () => {
    const { read, write, upgrade } = await app();
    const rename = { module: redirects, from: 'redirectTo', to: 'answerWithRedirect' };
    const renamed: Notes = { 'protections/redirects': [{ version, kind: 'feature', what: 'Another name.', why: 'It says more.', renames: [rename] }] };
    const [mine, other] = ['src/mine.ts', 'src/app.ts'];
    write(mine, `import { redirectTo } from '#${redirects}';\n\nexport const go = redirectTo;\n`);
    write(other, `${read(other)}\n// Mine.\nexport const later = async () => (await import('#${redirects}')).redirectTo;\n`);
    await expect(upgrade({}, renamed)).rejects.toThrow(/src\/app\.ts, line \d+: `redirectTo` is `answerWithRedirect` now/);
    expect(read(mine)).toMatch(/\{ redirectTo \}/);
    write(other, read(other).replace(/\n\/\/ Mine\.[^]*$/, ''));
    const { outcomes } = await upgrade({}, renamed);
    expect(read(mine)).toBe(`import { answerWithRedirect } from '#${redirects}';\n\nexport const go = answerWithRedirect;\n`);
    expect(outcomes).toContainEqual({ path: mine, at: mine, outcome: 'merged', conflicts: 0 });
  });

  test('a protection that the app has not is a mistake', async () => {
    const { upgrade } = await app();
    await expect(upgrade({ protections: ['csv'] })).rejects.toThrow(UsageError);
  });
});
