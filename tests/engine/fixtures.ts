import { dir } from 'tmp-promise';
import { onTestFinished } from 'vitest';
import { proseFromSources } from '../../scripts/catalogue/prose.ts';
import { readCatalogue } from '../../scripts/catalogue/read.ts';
import { type Wish, plan } from '../../src/plan.ts';
import { render } from '../../src/render.ts';
import type { Tree } from '../../src/tree.ts';

export const { catalogue, proseSources } = await readCatalogue();
export const renderProse = proseFromSources(proseSources);

/** A wish for an app, with what a test is not about filled in. */
export const wish = (parts: Partial<Wish> = {}): Wish => ({ name: 'my-app', pinNode: false, ...parts });

/** The emitted files of a wish, without lock and base. */
export const rendered = (parts: Partial<Wish> = {}): Tree => render(plan(wish(parts), catalogue), catalogue, renderProse);

/** An empty directory that goes away with the test. */
export const scratch = async (): Promise<string> => {
  const { path, cleanup } = await dir({ unsafeCleanup: true, prefix: 'create-secure-app-' });
  onTestFinished(() => cleanup());
  return path;
};

/** A tree as one text, for comparing byte for byte. */
export const bytes = (tree: Tree): string => JSON.stringify([...tree]);
