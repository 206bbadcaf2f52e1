import type { NodePlopAPI } from 'node-plop';
import { assetsFromSources } from '../scripts/catalogue/assets.ts';
import { registerProtection } from './protection.ts';
import { register } from './published.ts';

/** The verbs for work on this repo, on Node 24: `plop --plopfile generators/plopfile.ts`. */
export default async (plop: NodePlopAPI): Promise<void> => {
  register(plop, await assetsFromSources());
  registerProtection(plop);
};
