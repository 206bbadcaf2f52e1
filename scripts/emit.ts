import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { withLock } from '../src/lock.ts';
import { plan } from '../src/plan.ts';
import { render } from '../src/render.ts';
import { proseFromSources } from './catalogue/prose.ts';
import { readCatalogue, repositoryRoot } from './catalogue/read.ts';

/**
 * For work on templates: renders a state from the sources into a folder and links the installed packages of this repo.
 * `npm run emit -- --target express --out DIR [--preset all] [--with a,b] [--without c] [--set a.b=1] [--lock]`
 */
const main = async (): Promise<void> => {
  const list = { type: 'string', multiple: true } as const;
  const { values } = parseArgs({
    options: { target: { type: 'string' }, out: { type: 'string' }, preset: { type: 'string' }, with: list, without: list, set: list, lock: { type: 'boolean' } },
  });
  if (values.out === undefined) throw new Error('Say where to: --out DIR');
  const split = (given: readonly string[] = []): string[] => given.flatMap((text) => text.split(','));
  const { catalogue, proseSources } = await readCatalogue();
  const { target, preset, set } = values;
  const wish = { name: 'my-app', target, preset: preset ?? 'all', with: split(values.with), without: split(values.without), set, pinNode: false };
  const state = plan(wish, catalogue);
  const files = render(state, catalogue, proseFromSources(proseSources));
  const tree = values.lock === true ? withLock(files, state, (text) => createHash('sha256').update(text).digest('hex')) : files;

  const out = path.resolve(values.out);
  for (const folder of ['src', 'tests', '.secure-app']) rmSync(path.join(out, folder), { recursive: true, force: true });
  for (const [file, text] of tree) {
    mkdirSync(path.dirname(path.join(out, file)), { recursive: true });
    writeFileSync(path.join(out, file), text);
  }
  const modules = path.join(out, 'node_modules');
  rmSync(modules, { recursive: true, force: true });
  symlinkSync(path.join(repositoryRoot, 'node_modules'), modules);
  process.stderr.write(`${tree.size} files in ${out}: ${state.protections.join(', ')}\n`);
};

await main();
