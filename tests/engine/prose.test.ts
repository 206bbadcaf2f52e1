import path from 'node:path';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { compiledProse } from '../../scripts/build/prose.ts';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { assetsIn } from '../../src/cli.ts';
import { sha256 } from '../../src/digest.ts';
import { targets } from '../../src/manifest.ts';
import { packageManagerFacts, packageManagers } from '../../src/package-manager.ts';
import { plan } from '../../src/plan.ts';
import { emit, render } from '../../src/render.ts';
import { each, holds, lookup, shown } from '../../src/render/prose-runtime.ts';
import { bytes, catalogue, rendered, wish } from './fixtures.ts';

const built = assetsIn(path.join(repositoryRoot, 'dist'), createRequire(import.meta.url));

describe.each(targets)('what the build made, on %s', (target) => {
  test.each(Object.keys(catalogue.presets.presets))('renders the preset %s with the bytes of the sources', (preset) => {
    for (const packageManager of packageManagers) {
      for (const pinNode of packageManagerFacts[packageManager].installsNode ? [false, true] : [false]) {
        const parts = { target, preset, packageManager, pinNode };
        expect(bytes(render(plan(wish(parts), built.catalogue()), built.catalogue(), built.prose()))).toBe(bytes(rendered(parts)));
      }
    }
  });

  test('renders each protection alone with the bytes of the sources', () => {
    for (const id of Object.keys(catalogue.protections)) {
      const parts = { target, preset: 'minimal', with: [id] };
      expect(bytes(render(plan(wish(parts), built.catalogue()), built.catalogue(), built.prose())), id).toBe(bytes(rendered(parts)));
    }
  });

  test('knows the digests of the texts that it emits as they are', () => {
    const state = plan(wish({ target, preset: 'all' }), catalogue);
    const tree = rendered({ target, preset: 'all' });
    const { digests } = emit(state, built.catalogue(), built.prose());
    expect(digests.size).toBeGreaterThan(tree.size / 2);
    for (const [file, digest] of digests) expect(digest, file).toBe(sha256(tree.get(file) ?? ''));
  });
});

describe('a compiled template', () => {
  /** Runs the code that the build makes of a template. */
  const run = (source: string, context: unknown): unknown => runInNewContext(`(${compiledProse(source)})(context)`, { each, holds, lookup, shown, context });

  test.each([
    ['{{#each a}}{{#unless @first}}, {{/unless}}{{@key}}={{this}}{{#if @last}}.{{/if}}{{else}}none{{/each}}', { a: { b: 1, c: '<' } }, 'b=1, c=<.'],
    ['{{#each a}}{{this}}{{else}}none{{/each}}', { a: [] }, 'none'],
    ['{{#each a}}{{@index}}{{../b}}{{@root.b}} {{/each}}', { a: [1, 2], b: 'x' }, '0xx 1xx '],
    ['{{#if a}}yes{{else if b}}b{{else}}no{{/if}}', { a: [], b: 1 }, 'b'],
    ['{{#if a.length}}{{json a}}{{/if}}{{!-- nothing --}}', { a: ['"'] }, '["\\""]'],
    ['  {{~#if a}}  x{{/if~}}  ', { a: true }, '  x'],
  ])('%s', (source, context, expected) => expect(run(source, context)).toBe(expected));

  test('is strict about names', () => expect(() => run('{{missing}}', {})).toThrow('missing'));
  test.each(['{{> partial}}', '{{#with a}}{{/with}}', '{{upper a}}', '{{json a b}}', '{{../a}}', '{{@first}}'])('%s is refused by the build', (source) =>
    expect(() => compiledProse(source)).toThrow(/^(?:Templates do not use|The only helper|There is no)/));
});
