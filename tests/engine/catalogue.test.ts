import { describe, expect, test } from 'vitest';
import { catalogueProblems } from '../../scripts/catalogue/check.ts';
import { placeOf } from '../../scripts/catalogue/layout.ts';
import { attacksIn, guardsIn } from '../../scripts/catalogue/scan.ts';
import { protectionFiles } from '../../generators/protection.ts';
import { targets } from '../../src/manifest.ts';
import { catalogue, rendered } from './fixtures.ts';

const partsOf = [catalogue.base, ...Object.values(catalogue.services), ...Object.values(catalogue.protections)];

test('the catalogue keeps its own rules', () => expect(catalogueProblems(catalogue)).toEqual([]));

test('a package that nobody declares, an export that is missing and an item without proof are found', () => {
  const [id = '', part] = Object.entries(catalogue.protections)[0] ?? [];
  if (part === undefined) throw new Error('There is no protection.');
  const [like] = part.files;
  if (like === undefined) throw new Error('It has no file.');
  const file = { ...like, path: `src/protections/${id}/boot-check.ts`, target: null, text: "import 'left-pad';\n", prose: null, guards: [{ item: 'Z2', code: '' }], attacks: [] };
  const item = { title: '', threat: '', asvs: [], cwe: [] };
  const broken = { files: [...part.files, file], manifest: { ...part.manifest, items: { ...part.manifest.items, Z1: item } } };
  const problems = catalogueProblems({ ...catalogue, protections: { ...catalogue.protections, [id]: broken } }).join('\n');
  for (const problem of ['imports `left-pad`', 'must export `bootCheck`', '// protect: Z1', 'no attack tries Z1', 'no protection has the item Z2']) expect(problems).toContain(problem);
});

test.each(targets)('no Handlebars is left in what is emitted on %s', (target) => {
  const tree = rendered({ target, preset: 'all' });
  const prose = partsOf.flatMap(({ files }) => files).filter((file) => file.prose !== null);
  expect(prose.length).toBeGreaterThan(0);
  // GitHub's own expressions are ${{ }}.
  for (const { path } of prose) expect(tree.get(path)?.replaceAll('${{', '') ?? '', path).not.toContain('{{');
});

describe('the place of a template', () => {
  const protection = { kind: 'protections', id: 'x' } as const;
  test.each([
    ['core.ts', 'src/protections/x/core.ts', null],
    ['express.ts', 'src/protections/x/express.ts', 'express'],
    ['reply.fastify.ts', 'src/protections/x/reply.fastify.ts', 'fastify'],
    ['x.attack.test.ts', 'tests/attacks/x.attack.test.ts', null],
    ['tests/data/a.txt', 'tests/support/x/data/a.txt', null],
    ['project/.github/workflows/ci.yml.hbs', '.github/workflows/ci.yml', null],
    ['project/_npmrc.hbs', '.npmrc', null],
    ['lint.js', 'lint/x.js', null],
  ])('%s is %s', (relative, path, target) => expect(placeOf(protection, relative)).toEqual({ path, target }));
  test('a manifest has none', () => expect(placeOf(protection, 'manifest.ts')).toBeUndefined());
  test('what a service needs in tests is beside the other support', () => expect(placeOf({ kind: 'services', id: 's' }, 'testing.ts')?.path).toBe('tests/support/s.ts'));
});

describe('what a text proves', () => {
  test('guards, at the end of a line, above a line, for a value, in YAML', () => {
    const text = ['  if (x) return y; // protect: Q441, G6', '// protect: Q404 (t=2 -> t=1)', '  hash(t=2);', 'permissions: {} # protect: Q433'].join('\n');
    expect(guardsIn(text)).toEqual([
      { item: 'Q441', code: 'if (x) return y;' },
      { item: 'G6', code: 'if (x) return y;' },
      { item: 'Q404', code: 'hash(t=2);' },
      { item: 'Q433', code: 'permissions: {}' },
    ]);
  });
  test('attacks, over one line or more', () => {
    expect(attacksIn("attack('Q441', 'it\\'s tried', f);\nattack(\n  'G6',\n  `b`,\n  f);\nbenign('c', f)")).toEqual([
      { item: 'Q441', name: "it's tried" },
      { item: 'G6', name: 'b' },
    ]);
  });
});

describe('a new protection', () => {
  test('is complete, and speaks of itself everywhere', () => {
    const files = protectionFiles('sample-guard', 'Q999');
    expect([...files.keys()].map((file) => file.split('/').at(-1))).toEqual(['README.md', 'core.ts', 'express.ts', 'fastify.ts', 'manifest.ts', 'sample-guard.attack.test.ts']);
    for (const text of files.values()) expect(text).not.toMatch(/new-protection|newProtection|Q000/);
  });
  test.each(['Sample', '../x', 'a_b', '', 'constructor '])('the id %j is refused', (id) => expect(() => protectionFiles(id, 'Q1')).toThrow('kebab-case'));
  test('an id that is taken is refused', () => expect(() => protectionFiles(Object.keys(catalogue.protections)[0] ?? '', 'Q1')).toThrow('is there already'));
});
