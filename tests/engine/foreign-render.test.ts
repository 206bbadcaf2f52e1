import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { askAbout, settle } from '../../src/foreign/existing.ts';
import { foreignClosure } from '../../src/foreign/choice.ts';
import type { Placement } from '../../src/foreign/placement.ts';
import { renderForeign } from '../../src/foreign/render.ts';
import { Sources } from '../../src/foreign/source.ts';
import { plainStyle } from '../../src/foreign/style.ts';
import { targets } from '../../src/manifest.ts';
import { optionsOf } from '../../src/plan.ts';
import { catalogue } from './fixtures.ts';

const able = Object.values(catalogue.protections).flatMap(({ manifest }) => (manifest.foreign === undefined ? [] : [manifest]));
const placement: Placement = { home: 'src/secure-app', tests: 'test/secure-app', suffix: '.test', runner: 'vitest', ending: '.js', style: plainStyle, app: 'src/app.ts#app' };
const other: Placement = { ...placement, home: 'server/secure-app', tests: 'spec', suffix: '.spec', runner: 'mocha', ending: '', style: { quotes: '"', semicolons: false, indent: '\t', eol: '\r\n', finalNewline: false } };

const rendered = (ids: readonly string[], target: (typeof targets)[number], where: Placement) => {
  const protections = foreignClosure(ids, catalogue);
  return renderForeign({ target, protections, options: optionsOf(protections, [], catalogue) }, where, catalogue);
};

describe.each(targets)('on %s', (target) => {
  test.each([...able.map(({ id }) => [id, [id]] as const), ['all of them', able.map(({ id }) => id)] as const])('%s: every import leads to a file that is brought; the style is that of the repo', (_name, ids) => {
    const sources = new Sources();
    for (const where of [placement, other]) {
      const { tree } = rendered(ids, target, where);
      for (const [file, text] of tree) {
        sources.parseValid(file, text);
        expect(text, file).not.toMatch(/['"]#(?:src|tests)\//);
        for (const [, specifier = ''] of text.matchAll(/\bfrom\s*["'](\.[^"']*)["']/g)) {
          const bare = path.posix.join(path.posix.dirname(file), specifier);
          expect(tree.has(where.ending === '' ? `${bare}.ts` : bare.replace(/\.js$/, '.ts')), `${file}: ${specifier}`).toBe(true);
        }
      }
    }
    const texts = [...rendered(ids, target, other).tree.values()];
    expect(texts.every((text) => !/(?<!\r)\n|^ {2}\S/m.test(text) && !text.endsWith('\n'))).toBe(true);
  });

  test('brings no package but those that it needs', () => {
    expect(rendered(able.map(({ id }) => id), target, placement).packages).toEqual(target === 'express' ? ['express', 'ipaddr.js'] : ['fastify', 'ipaddr.js']);
    expect(rendered(['headers'], target, placement).packages).toEqual([target]);
  });
});

describe('what does the same job already', () => {
  const [protection] = able.filter(({ foreign }) => foreign?.standsBeside === true);
  const [instead] = able.filter(({ foreign }) => foreign?.sameJob !== undefined && foreign.standsBeside !== true);
  const present = { name: 'theirs', what: 'the same', file: 'src/app.ts', line: 3 };
  const nothing = { replace: [], keep: [] };

  test('is asked about, and the answer is kept', async () => {
    if (protection === undefined || instead === undefined) throw new Error('No protection has a rival.');
    const asked: string[] = [];
    const decided = await askAbout([{ protection, present }], nothing, (message) => {
      asked.push(message);
      return Promise.resolve('replace');
    });
    expect([decided, asked.length]).toEqual([{ replace: ['theirs'], keep: [] }, 1]);
    expect(settle([{ protection, present }], decided).replaced).toEqual([present]);
    expect(settle([{ protection, present }], { replace: [], keep: ['theirs'] }).leftOut).toEqual([]);
    expect(settle([{ protection: instead, present }], { replace: [], keep: ['theirs'] }).leftOut).toEqual([instead.id]);
    expect(() => settle([{ protection, present }], nothing)).toThrow('--keep theirs');
  });
});
