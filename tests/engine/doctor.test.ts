import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { assetsFromSources } from '../../scripts/catalogue/assets.ts';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { sha256 } from '../../src/digest.ts';
import { type Diagnosis, diagnose } from '../../src/doctor/diagnosis.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { Refusal } from '../../src/errors.ts';
import { withLock } from '../../src/lock.ts';
import { type Target, targets } from '../../src/manifest.ts';
import { plan } from '../../src/plan.ts';
import { render } from '../../src/render.ts';
import { cases, innocents, prelude } from './doctor-cases.ts';
import { catalogue, renderProse, scratch, wish } from './fixtures.ts';

const assets = await assetsFromSources();
const doctors = assets.doctors();
const checks = Object.values(doctors).flatMap((doctor) => doctor.checks);

const write = (root: string, files: Readonly<Record<string, string>>): void => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
};

interface RepoParts {
  readonly target?: Target | undefined;
  readonly packages?: Readonly<Record<string, string>> | undefined;
  readonly files?: Readonly<Record<string, string>>;
}

/** A small repo with this code, examined. */
const examined = async (code: string, { target = 'express', packages = {}, files = {} }: RepoParts = {}): Promise<Diagnosis> => {
  const root = await scratch();
  write(root, {
    'package.json': JSON.stringify({ name: 'fixture', type: 'module', dependencies: { [target]: '^5.0.0', ...packages } }),
    'tsconfig.json': '{ "compilerOptions": { "strict": true, "module": "nodenext" } }',
    'src/app.ts': `${prelude[target]}${code}\n`,
    ...files,
  });
  return diagnose(root, undefined, assets);
};

const brief = (findings: readonly Finding[]): string[] => findings.map(({ check, file, line, saw }) => `${check} ${file}:${line} ${saw}`);

describe('checks', () => {
  test('every one has an item of its protection, and cases', () => {
    for (const [id, { checks: own, probes = [] }] of Object.entries(doctors)) {
      for (const { item, id: check } of [...own, ...probes]) expect(Object.keys(catalogue.protections[id]?.manifest.items ?? {}), `${check} of ${id}`).toContain(item);
    }
    expect(Object.keys(cases).toSorted()).toEqual(checks.map(({ id }) => id).toSorted());
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  });

  describe.each(Object.entries(cases))('%s', (id, { target, packages, vulnerable, innocent }) => {
    test.each(vulnerable)('finds %s', async (code) => {
      const { findings, skipped } = await examined(code, { target, packages });
      const found = findings.filter(({ check }) => check === id);
      expect(brief(found)).toHaveLength(1);
      expect(skipped).toEqual([]);
      expect(found[0]).toMatchObject({ file: 'src/app.ts' });
      expect(found[0]?.asvs.length).toBeGreaterThan(0);
      expect(found[0]?.cwe.length).toBeGreaterThan(0);
    });

    test.each(innocent)('lets pass %s', async (code) => {
      const { findings } = await examined(code, { target, packages });
      expect(brief(findings.filter(({ check, kind }) => check === id || kind === 'weak'))).toEqual([]);
    });
  });

  test.each(innocents)('let pass on %s: %s', async (target, code) => {
    const { findings } = await examined(code, { target });
    expect(brief(findings.filter(({ kind }) => kind === 'weak'))).toEqual([]);
  });
});

describe('a repo', () => {
  test('a finding has its place, its ids, and the command that fixes it where there is one', async () => {
    const { findings, protections } = await examined("app.get('/go', (req, res) => {\n  res.redirect(req.query.next);\n});");
    expect(findings.find(({ check }) => check === 'open-redirect')).toMatchObject({
      file: 'src/app.ts', line: 4, column: 16, endLine: 4, endColumn: 30,
      protection: 'redirects', item: 'Q441', cwe: ['CWE-601'], asvs: ['V1.2.2', 'V3.7.2', 'V3.7.3'], fix: 'create-secure-app add redirects',
    });
    expect(protections.find(({ id }) => id === 'redirects')?.state).toBe('weak');
    expect(protections.find(({ id }) => id === 'headers')?.state).toBe('missing');
    expect(protections.find(({ id }) => id === 'webhooks')?.state).toBe('unknown');
  });

  test('what a package does is told', async () => {
    const { protections } = await examined("import helmet from 'helmet';\napp.use(helmet());");
    expect(protections.find(({ id }) => id === 'headers')).toMatchObject({ state: 'present', by: 'helmet' });
  });

  test('tests, scripts, pages and other packages are not the server', async () => {
    const bad = "import { Request, Response } from 'express';\nexport const go = (req: Request, res: Response) => { res.redirect(req.query.next); };\n";
    const { findings } = await examined('', { files: { 'tests/app.test.ts': bad, 'scripts/seed.ts': bad, 'client/app.ts': bad, 'src/page.tsx': bad, 'packages/other/package.json': '{}', 'packages/other/index.ts': bad, 'node_modules/x/index.ts': bad } });
    expect(findings.filter(({ kind }) => kind === 'weak')).toEqual([]);
  });

  test('headers of a proxy whose settings it brings are headers', async () => {
    const { findings } = await examined('', { files: { 'deploy/nginx.conf': 'add_header X-Content-Type-Options nosniff;' } });
    expect(findings.map(({ check }) => check)).not.toContain('security-headers-missing');
  });

  test('files that are too large, that do not parse, or that are no text are left out and said; nothing is called missing then', async () => {
    const { findings, skipped, opaque } = await examined('', { files: { 'src/large.ts': `// ${'x'.repeat(500_000)}`, 'src/broken.ts': 'const x = {', 'src/binary.ts': 'const a = "\u0000";', 'src/deep.ts': `export const x = ${'('.repeat(20_000)}1${')'.repeat(20_000)};` } });
    expect(skipped.map(({ file }) => file).toSorted()).toEqual(['src/binary.ts', 'src/broken.ts', 'src/deep.ts', 'src/large.ts']);
    expect(skipped.find(({ file }) => file === 'src/broken.ts')?.why).toMatch(/syntax error in line 1/);
    expect(opaque).toContain('src/large.ts');
    expect(findings).toEqual([]);
  });

  test('a link that leads out of the repo is not followed', async () => {
    const outside = await scratch();
    writeFileSync(path.join(outside, 'secret.ts'), "eval(req.body)");
    const root = await scratch();
    write(root, { 'package.json': '{ "dependencies": { "express": "^5.0.0" } }', 'src/app.ts': prelude.express });
    symlinkSync(path.join(outside, 'secret.ts'), path.join(root, 'src/secret.ts'));
    symlinkSync(outside, path.join(root, 'src/folder'));
    const { findings } = await diagnose(root, undefined, assets);
    expect(findings.every(({ file }) => file === 'src/app.ts')).toBe(true);
  });

  test.each([
    ['an empty folder', {}, /package\.json/],
    ['no server', { 'package.json': '{ "dependencies": { "koa": "^3.0.0" } }', 'src/app.ts': '' }, /neither fastify nor express/],
    ['JavaScript', { 'package.json': '{ "dependencies": { "express": "^5.0.0" } }', 'src/app.js': '' }, /TypeScript/],
  ])('%s is refused', async (_, files, message) => {
    const root = await scratch();
    write(root, files);
    await expect(diagnose(root, undefined, assets)).rejects.toMatchObject({ exitCode: 1, message: expect.stringMatching(message) });
  });

  test('one file that is made to take long does not', async () => {
    const call = 'pool.query(`SELECT * FROM t WHERE a = ${req.query.a}`);';
    const started = performance.now();
    const { findings } = await examined(`app.get('/', (req, res) => { ${call.repeat(4_000)} res.end(); });`);
    expect(findings.filter(({ check }) => check === 'sql-from-text').length).toBeLessThanOrEqual(50);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

/** A repo that is no TypeScript server is refused: then nothing is found. */
const refusal = (error: unknown): string[] => {
  if (error instanceof Refusal) return [];
  throw error;
};

/** What the fixtures really lack: every one of them is a bare server. */
const bare = new Set(['security-headers-missing', 'error-handler-missing']);

describe('no false alarm', () => {
  const fixtures = path.join(repositoryRoot, 'tests/foreign');
  const repos = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('package.json') && !file.includes('node_modules')).map((file) => path.dirname(file));

  test.each(repos)('in the fixture %s', async (repo) => {
    const root = path.join(fixtures, repo);
    const found = await diagnose(root, undefined, assets).then(({ findings }) => brief(findings.filter(({ check }) => repo.includes('hardened') || !bare.has(check))), refusal);
    expect(found).toEqual([]);
  });

  test.each(targets)('in an app of ours with everything on %s, with its lock and without', async (target) => {
    const state = plan(wish({ target, preset: 'all' }), catalogue);
    const tree = withLock(render(state, catalogue, renderProse), state, sha256);
    const root = await scratch();
    write(root, Object.fromEntries(tree));
    const { findings, protections, skipped } = await diagnose(root, undefined, assets);
    expect(brief(findings)).toEqual([]);
    expect(skipped).toEqual([]);
    expect(protections.every(({ state: standing }) => standing === 'present')).toBe(true);

    const bareRoot = await scratch();
    write(bareRoot, Object.fromEntries([...tree].filter(([file]) => !file.startsWith('.secure-app/'))));
    expect(brief((await diagnose(bareRoot, undefined, assets)).findings)).toEqual([]);
  });

  test.each(targets)('in the smallest app of ours on %s', async (target) => {
    const state = plan(wish({ target, preset: 'minimal' }), catalogue);
    const root = await scratch();
    write(root, Object.fromEntries(withLock(render(state, catalogue, renderProse), state, sha256)));
    // It was chosen without them: that is true.
    expect((await diagnose(root, undefined, assets)).findings.map(({ check }) => check)).toEqual(['security-headers-missing']);
  });
});

describe('an app of ours', () => {
  test('a guard that was taken out is found', async () => {
    const state = plan(wish({ target: 'express', preset: 'minimal', with: ['redirects'] }), catalogue);
    const root = await scratch();
    write(root, Object.fromEntries(withLock(render(state, catalogue, renderProse), state, sha256)));
    const file = 'src/protections/redirects/safe-redirect.ts';
    const text = readFileSync(path.join(root, file), 'utf8');
    writeFileSync(path.join(root, file), text.replace(/^.*\/\/ protect: Q441.*\n/m, ''));
    const { findings, protections } = await diagnose(root, undefined, assets);
    expect(findings.find(({ check }) => check.startsWith('guard-'))).toMatchObject({ check: 'guard-changed', severity: 'high', protection: 'redirects', item: 'Q441', file, fix: null });
    expect(protections.find(({ id }) => id === 'redirects')?.state).toBe('weak');
  });
});
