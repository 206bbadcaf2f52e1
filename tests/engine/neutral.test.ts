import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { phases } from '../../src/manifest.ts';
import { catalogue } from './fixtures.ts';

const sources = ['src', 'generators'].flatMap((folder) =>
  readdirSync(path.join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => file.endsWith('.ts') && !file.startsWith(path.join('generators', 'scaffold'))),
);

/** Some phases are named as the protection that they are for. */
const names = [...Object.keys(catalogue.protections), ...Object.keys(catalogue.services)].filter((id) => !phases.some((phase) => phase === id));

test('src/ and generators/ know no protection and no service by name', () => {
  expect(sources.length).toBeGreaterThan(20);
  for (const file of sources) {
    // Comments may give examples.
    const code = readFileSync(path.join(repositoryRoot, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
    const strings = [...code.matchAll(/'([^'\n]*)'|`([^`]*)`/g)].map(([, single, template]) => single ?? template ?? '');
    for (const id of names) {
      const hit = strings.find((text) => text === id || text.includes(`protections/${id}/`) || text.includes(`services/${id}/`) || (id.includes('-') && text.includes(id)));
      expect(hit, `${file} names ${id}`).toBeUndefined();
    }
  }
});
