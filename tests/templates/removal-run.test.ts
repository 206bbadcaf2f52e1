import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';

const shared = path.resolve(import.meta.dirname, '../../templates/base/shared');
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A project of one function and one attack file, with the removal run of the templates. */
const projectWith = (source: string, attacks: string): string => {
  const root = mkdtempSync(path.join(tmpdir(), 'removal-run-'));
  folders.push(root);
  const files = {
    'package.json': JSON.stringify({ type: 'module', imports: { '#src/*': './src/*', '#tests/*': './tests/*' }, scripts: { test: 'node --test' } }, null, 2),
    'tests/support/services.ts': 'export const prepareServices = () => Promise.resolve({ PREPARED: "yes" });\n',
    'tests/attacks/a.attack.test.ts': `import assert from 'node:assert/strict';\nimport { check } from '#src/a.ts';\nimport { attack, benign } from '#tests/support/attack.ts';\n${attacks}`,
    'src/a.ts': source,
  };
  for (const name of ['attack.ts', 'json.ts', 'preparation.ts']) cpSync(path.join(shared, 'tests/support', name), path.join(root, 'tests/support', name));
  cpSync(path.join(shared, 'scripts'), path.join(root, 'scripts'), { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return root;
};

interface Outcome {
  readonly code: number;
  readonly ok: boolean;
  readonly verdicts: readonly { readonly ok: boolean; readonly skipped?: boolean; readonly problem: string; readonly noticedBy?: { readonly attack: string; readonly how: string } }[];
  readonly gaps: readonly string[];
}

const run = async (root: string, ...flags: readonly string[]): Promise<Outcome> => {
  const args = ['--disable-warning=ExperimentalWarning', 'scripts/test-removal.ts', '--json', '--jobs', '1', ...flags];
  const { stdout, code } = await promisify(execFile)(process.execPath, args, { cwd: root }).then(
    ({ stdout: text }) => ({ stdout: text, code: 0 }),
    (error: { stdout: string; code: number }) => error,
  );
  return { code, ...(JSON.parse(stdout) as Omit<Outcome, 'code'>) };
};

const guarded = 'export const check = (text: string): boolean => {\n  if (text.includes("<")) return false; // protect: Q1\n  return true;\n};\n';
const use = "benign('plain text', () => assert.ok(check('a')));\n";
const break_ = "attack('Q1', 'a tag', () => assert.equal(check('<a>'), false));\n";

describe('the removal run', { timeout: 30_000 }, () => {
  test('a guard that an attack notices', async () => {
    const { code, ok, verdicts, gaps } = await run(projectWith(guarded, use + break_));
    expect({ code, ok, gaps }).toEqual({ code: 0, ok: true, gaps: [] });
    expect(verdicts).toMatchObject([{ ok: true, noticedBy: { attack: 'attack Q1: a tag', how: 'assertion' } }]);
  });

  test('a guard that nobody notices', async () => {
    const { code, verdicts } = await run(projectWith(guarded, `${use}attack('Q1', 'nothing', () => assert.ok(true));\n`));
    expect(code).toBe(1);
    expect(verdicts).toMatchObject([{ ok: false, problem: 'no attack noticed' }]);
  });

  test('an attack on another item notices nothing for this one', async () => {
    const { code, verdicts, gaps } = await run(projectWith(guarded, `${use}attack('Q1', 'nothing', () => {});\n${break_.replace("'Q1'", "'Q2'")}`));
    expect(code).toBe(1);
    expect(verdicts).toMatchObject([{ ok: false, problem: 'no attack noticed' }]);
    expect(gaps).toEqual(['Q2 has attacks but no guard: nothing marks what they prove']);
  });

  test('a removal that breaks honest use is not fair', async () => {
    const source = 'let seen: string[] | undefined;\nexport const check = (text: string): boolean => {\n  seen = []; // protect: Q1\n  seen.push(text);\n  return !text.includes("<");\n};\n';
    const { code, verdicts } = await run(projectWith(source, use + break_));
    expect(code).toBe(1);
    expect(verdicts[0]?.problem).toMatch(/^not a fair removal, honest use breaks: benign: plain text/);
  });

  test('a removal that leaves no program is an error', async () => {
    const used = await run(projectWith('const bad = /</; // protect: Q1\nexport const check = (text: string): boolean => !bad.test(text);\n', use + break_));
    expect(used.code).toBe(1);
    expect(used.verdicts[0]?.problem).toBe('cannot be taken out: the code still uses bad: mark the statement that uses it');
  });

  test('what is red before proves nothing', async () => {
    const { code, verdicts } = await run(projectWith(guarded, `${use}attack('Q1', 'red', () => assert.fail('already'));\n`));
    expect(code).toBe(1);
    expect(verdicts).toMatchObject([{ ok: false }]);
    expect(verdicts[0]?.problem).toMatch(/^not tried: .* fails before anything is taken out: attack Q1: red: already/);
  });

  test('an attack that stands only behind another attack is red when the others are left out', async () => {
    const attacks = `let seen = 0;\n${use}attack('Q2', 'first', () => void (seen += 1));\nattack('Q1', 'second', () => { assert.equal(seen, 1); assert.equal(check('<a>'), false); });\n`;
    const { verdicts } = await run(projectWith(`${guarded}export const other = (): void => {\n  check('b'); // protect: Q2\n};\n`, attacks), '--item', 'Q1');
    expect(verdicts).toMatchObject([{ ok: false }]);
    expect(verdicts[0]?.problem).toMatch(/fails before anything is taken out: attack Q1: second/);
  });

  test('nothing more runs when an attack has noticed and honest use goes on', async () => {
    const late = "attack('Q1', 'late', async () => { if (check('<a>')) await new Promise((resolve) => setTimeout(resolve, 60_000)); });\n";
    const { code, verdicts } = await run(projectWith(guarded, use + break_ + late));
    expect(code).toBe(0);
    expect(verdicts).toMatchObject([{ ok: true, noticedBy: { how: 'assertion' } }]);
  });

  test('honest use behind the attack that noticed is waited for', async () => {
    const source = 'let seen: string[] | undefined;\nexport const check = (text: string): boolean => {\n  seen = []; // protect: Q1\n  seen.push(text);\n  return !text.includes("<");\n};\n';
    const { verdicts } = await run(projectWith(source, break_ + use));
    expect(verdicts).toMatchObject([{ ok: false, noticedBy: { attack: 'attack Q1: a tag' } }]);
  });

  test('items can be left out', async () => {
    const { code, verdicts } = await run(projectWith(guarded, `${use}attack('Q1', 'nothing', () => {});\n`), '--except', 'Q1');
    expect(code).toBe(0);
    expect(verdicts).toEqual([]);
  });

  test('a guard of a protection that is not here is skipped', async () => {
    const { code, verdicts } = await run(projectWith(guarded + 'export const other = (): void => {\n  check("a"); // protect: Q9\n};\n', use + break_));
    expect(code).toBe(0);
    expect(verdicts).toMatchObject([{ ok: true }, { skipped: true }]);
  });

  test('a removal after which a test waits for ever is noticed by the time limit of the test', async () => {
    const source = 'export const check = (text: string): boolean => {\n  if (text.includes("<")) return false; // protect: Q1\n  return true;\n};\n';
    const attacks = `${use}attack('Q1', 'a tag', async () => { if (check('<a>')) await new Promise((resolve) => setTimeout(resolve, 60_000)); });\n`;
    const { code, verdicts } = await run(projectWith(source, attacks), '--limit', '900');
    expect(code).toBe(0);
    expect(verdicts).toMatchObject([{ ok: true, noticedBy: { how: 'timeout' } }]);
  });

  test('the variables of the prepared services reach the tests', async () => {
    const { code } = await run(projectWith(guarded, `${use}${break_}benign('prepared', () => assert.equal(process.env['PREPARED'], 'yes'));\n`));
    expect(code).toBe(0);
  });

  /** Two guards: without the first a process is spoilt, which makes the attack on the second fail; nothing notices the second. */
  const spoiling = (spoil: string): string =>
    projectWith(
      `export const check = (text: string): boolean => {\n  if (text.includes("<")) return false; // protect: Q1\n  if (text.includes("<")) ${spoil}\n  return true;\n};\nexport const other = (): void => {\n  check("b"); // protect: Q2\n};\n`,
      `${use}${break_}attack('Q2', 'spoilt', () => assert.deepEqual([Reflect.get(globalThis, 'spoilt'), process.env['SPOILT'], typeof Array.prototype.at], [undefined, undefined, 'function']));\n`,
    );

  test.each(["Reflect.set(globalThis, 'spoilt', true);", "process.env['SPOILT'] = 'yes';", "Reflect.deleteProperty(Array.prototype, 'at');"])(
    'what one guard did to its process is no effect of the next: %s',
    async (spoil) => {
      const { code, verdicts } = await run(spoiling(spoil));
      expect(code).toBe(1);
      expect(verdicts).toMatchObject([{ ok: true, noticedBy: { attack: 'attack Q1: a tag' } }, { ok: false, problem: 'no attack noticed' }]);
    },
  );

  test('a removal that ends the process is not noticed, and costs no other guard its verdict', async () => {
    const source = `${guarded}export const stop = (): void => {\n  if (process.argv.length > 0) return; // protect: Q2\n  process.exit(3);\n};\nexport const late = (text: string): boolean => {\n  if (text.includes('<')) return false; // protect: Q3\n  return true;\n};\n`;
    const attacks = `import { late, stop } from '#src/a.ts';\n${use}${break_}attack('Q2', 'an end', () => stop());\nattack('Q3', 'a tag', () => assert.equal(late('<a>'), false));\n`;
    const { code, verdicts } = await run(projectWith(source, attacks));
    expect(code).toBe(1);
    expect(verdicts).toMatchObject([{ ok: true }, { ok: false, problem: 'their process broke down: no attack failed by itself' }, { ok: true }]);
  });

  test('a removal that never lets go of the process is killed, and costs no other guard its verdict', async () => {
    const source = `${guarded}export const turn = (): void => {\n  if (process.argv.length > 0) return; // protect: Q2\n  for (;;);\n};\n`;
    const attacks = `import { turn } from '#src/a.ts';\n${use}${break_}attack('Q2', 'a loop', () => turn());\n`;
    const { verdicts } = await run(projectWith(source, attacks), '--limit', '900');
    expect(verdicts).toMatchObject([{ ok: true }, { ok: false, problem: 'the tests hung and were killed: no attack failed by itself' }]);
  }, 120_000);
});
