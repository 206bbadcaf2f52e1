import type { Assets } from '../../src/assets.ts';
import { namedParts, readNotes } from '../notes/parts.ts';
import { readDoctors } from './doctors.ts';
import { proseFromSources } from './prose.ts';
import { readCatalogue } from './read.ts';

/** The assets straight from `templates/`, without a build. */
export const assetsFromSources = async (): Promise<Assets> => {
  const { catalogue, proseSources } = await readCatalogue();
  const renderProse = proseFromSources(proseSources);
  const notes = await readNotes(namedParts(catalogue));
  const doctors = await readDoctors(Object.keys(catalogue.protections));
  return { catalogue: () => catalogue, prose: () => renderProse, notes: () => notes, doctors: () => doctors };
};
