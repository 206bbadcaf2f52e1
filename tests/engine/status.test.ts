import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Notes } from '../../src/notes.ts';
import { sha256 } from '../../src/digest.ts';
import { installedAt } from '../../src/installed.ts';
import { withLock } from '../../src/lock.ts';
import { plan } from '../../src/plan.ts';
import { render } from '../../src/render.ts';
import { projectCode } from '../../src/project-code.ts';
import { isAlarming, statusOf } from '../../src/status/status.ts';
import { guardPieces } from '../../src/status/weakened.ts';
import { catalogue, renderProse, scratch, wish } from './fixtures.ts';

const state = plan(wish({ target: 'express', preset: 'minimal', with: ['redirects', 'rate-limit'] }), catalogue);
const tree = withLock(render(state, catalogue, renderProse), state, sha256);

/** An app on disk, and what can be done to it. */
const app = async () => {
  const root = await scratch();
  for (const [file, text] of tree) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return {
    root,
    edit: (file: string, from: string | RegExp, to: string): void => {
      const text = readFileSync(path.join(root, file), 'utf8');
      expect(text).toMatch(from);
      writeFileSync(path.join(root, file), text.replace(from, () => to));
    },
    status: (notes: Notes = {}, moves: ReadonlyMap<string, string> = new Map(), version = catalogue.version) => {
      const installed = installedAt(root);
      if (installed === undefined) throw new Error('no lock');
      return statusOf(installed, { catalogue: { ...catalogue, version }, renderProse, notes, moves: () => moves, others: (known) => projectCode(root, installed.read, known) });
    },
  };
};

const core = 'src/protections/redirects/core.ts';
const attacks = 'tests/attacks/redirects.attack.test.ts';
const guard = guardPieces(core, tree.get(core) ?? '').find(({ what }) => what.startsWith('if (!wantsPage'));
const marked = /^.*throw new Problem\(401\); \/\/ protect: G3$/m;

describe('status', () => {
  test('an app as it was emitted has nothing to tell', async () => {
    const status = await (await app()).status();
    expect(status).toMatchObject({ edited: [], missing: [], unresolved: [], weakened: [], security: [], changes: [] });
    expect(isAlarming(status)).toBe(false);
  });

  test('edits and missing files are listed, and alarm nobody', async () => {
    const { root, edit, status } = await app();
    edit('src/app.ts', /^/, '// Mine.\n');
    rmSync(path.join(root, 'AGENTS.md'));
    expect(await status()).toMatchObject({ edited: ['src/app.ts'], missing: ['AGENTS.md'], weakened: [] });
  });

  test('a guard that is gone is named', async () => {
    const { edit, status } = await app();
    edit(core, marked, '');
    expect((await status()).weakened).toEqual([{ kind: expect.stringMatching(/^guard-/), path: core, items: ['G3'], what: guard?.what }]);
  });

  test('a guard in a comment is no guard', async () => {
    const { edit, status } = await app();
    const line = marked.exec(tree.get(core) ?? '')?.[0] ?? '';
    edit(core, marked, `// ${line.trim()}`);
    expect((await status()).weakened).toMatchObject([{ path: core, items: ['G3'] }]);
  });

  test('a guard whose file is gone is gone', async () => {
    const { root, status } = await app();
    rmSync(path.join(root, core));
    expect((await status()).weakened.length).toBeGreaterThan(0);
    expect((await status()).weakened.every(({ kind }) => kind === 'guard-gone')).toBe(true);
  });

  test('a guard in a file that was moved, or carried to another one, is there', async () => {
    const { root, edit, status } = await app();
    renameSync(path.join(root, core), path.join(root, 'src/protections/redirects/decision.ts'));
    expect((await status()).weakened).toEqual([]);
    expect((await status({}, new Map([[core, 'src/protections/redirects/decision.ts']]))).missing).toEqual([]);
    edit('src/protections/redirects/decision.ts', marked, '');
    expect((await status()).weakened).toHaveLength(1);
  });

  test('reformatted code keeps its guards and attacks', async () => {
    const { edit, status } = await app();
    const text = tree.get(core) ?? '';
    const reformatted = text.replaceAll("'", '"').replaceAll(';\n', '\n').replaceAll('  ', '\t').replaceAll(/; (\/\/ protect)/g, ' $1');
    edit(core, text, reformatted);
    const tests = tree.get(attacks) ?? '';
    edit(attacks, tests, tests.replaceAll(/attack\('(\w+)', /g, 'attack("$1", ').replaceAll(';\n', '\n'));
    expect((await status()).edited).toEqual([core, attacks]);
    expect((await status()).weakened).toEqual([]);
  });

  test.each<[string, string | RegExp, string, string]>([
    ['deleted', /^attack\('Q441', [^]*?^\}\);\n/m, '', 'attack-gone'],
    ['in a comment', /^attack\('Q441', [^]*?^\}\);\n/m, "// attack('Q441', 'x', () => {});\n", 'attack-gone'],
    ['of another name', /attack\('Q441', '/, "attack('Q441', 'not ", 'attack-gone'],
    ['skipped by its context', /(?<=^attack\('Q441', [^\n]*)async \(\) => \{/m, 'async (t) => {\n  t.skip();', 'attack-skipped'],
  ])('an attack that is %s is named', async (_, from, to, kind) => {
    const { edit, status } = await app();
    edit(attacks, from, to);
    expect((await status()).weakened).toMatchObject([{ kind, path: attacks, items: ['Q441'] }]);
  });

  test('what runs the attacks is part of the proof', async () => {
    const { edit, status } = await app();
    edit('tests/support/attack.ts', 'test(`attack ${item}: ${name}`, run);', '');
    expect((await status()).weakened).toMatchObject([{ kind: 'proof-changed', path: 'tests/support/attack.ts' }]);
  });

  test('a base and a lock that were changed are named, whether or not the file agrees with them', async () => {
    const { root, edit, status } = await app();
    edit(`.secure-app/base/${core}`, marked, '');
    expect((await status()).weakened).toMatchObject([{ kind: 'lock-tampered', path: core }]);
    edit(core, marked, '');
    const forged = sha256(readFileSync(path.join(root, core), 'utf8'));
    edit('.secure-app/lock.json', sha256(tree.get(core) ?? ''), forged);
    expect(await status()).toMatchObject({ edited: [], weakened: [{ kind: 'lock-tampered', path: core }] });
  });

  test('security fixes that wait are told before all else, the worst first', async () => {
    const fix = (version: string, severity: 'low' | 'critical') => ({ version, kind: 'security', severity, items: ['Q441'], what: `${severity} fix`, why: 'because' }) as const;
    const notes: Notes = {
      'protections/redirects': [fix('9.0.0', 'low'), fix('9.1.0', 'critical'), { version: '9.0.0', kind: 'feature', what: 'new', why: 'because' }],
      'protections/csv': [fix('9.0.0', 'critical')],
    };
    const status = await (await app()).status(notes, new Map(), '9.1.0');
    expect(status.security.map(({ what }) => what)).toEqual(['critical fix', 'low fix']);
    expect(status.changes.map(({ what }) => what)).toEqual(['new']);
    expect(isAlarming(status)).toBe(true);
  });
});
