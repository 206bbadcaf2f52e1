import type { Assets } from '../../src/assets.ts';
import { namedParts, readChanges } from '../changes/parts.ts';
import { proseFromSources } from './prose.ts';
import { readCatalogue } from './read.ts';

/** The assets straight from `templates/`, without a build. */
export const assetsFromSources = async (): Promise<Assets> => {
  const { catalogue, proseSources } = await readCatalogue();
  const renderProse = proseFromSources(proseSources);
  const changes = await readChanges(namedParts(catalogue));
  return { catalogue: () => catalogue, prose: () => renderProse, changes: () => changes };
};
