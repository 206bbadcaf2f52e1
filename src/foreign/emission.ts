import type { Catalogue } from '../catalogue.ts';
import type { State } from '../plan.ts';
import type { Emission } from '../render.ts';
import type { Placement } from './placement.ts';
import { type ForeignEmission, renderForeign } from './render.ts';

/** What is brought, as the merge sees it. */
export const emissionFrom = ({ tree }: ForeignEmission): Emission => ({ tree, digests: new Map(), secrets: [] });

/** What is emitted for a state that stands in a repo that was there before us. */
export const foreignEmission = (state: State, placement: Placement, catalogue: Catalogue): Emission => emissionFrom(renderForeign(state, placement, catalogue));
