import { createHash } from 'node:crypto';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCatalogue } from '../../scripts/catalogue/read.ts';
import { targets } from '../../src/manifest.ts';
import { allProtections, renderApp } from '../emitted/emitted-app.ts';

const { catalogue } = await readCatalogue();

/** Files that stand word for word in `templates/` are reviewed there; what is rendered or generated is reviewed here. */
const verbatim = new Set(
  [catalogue.base, ...Object.values(catalogue.services), ...Object.values(catalogue.protections)]
    .flatMap(({ files }) => files)
    .filter(({ text }) => text !== null)
    .map((file) => file.path),
);

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

describe.each(targets)('the app with every protection on %s', (target) => {
  const tree = renderApp(target, allProtections);
  const golden = (file: string): string => path.join(import.meta.dirname, target, `${file}.golden`);

  test('has these files with this content', async () => {
    const listing = [...tree].map(([file, text]) => `${digest(text)}  ${file}\n`).join('');
    await expect(listing).toMatchFileSnapshot(golden('files'));
  });

  test.each([...tree.keys()].filter((file) => !verbatim.has(file)))('%s', async (file) => {
    await expect(tree.get(file) ?? '').toMatchFileSnapshot(golden(file));
  });
});
