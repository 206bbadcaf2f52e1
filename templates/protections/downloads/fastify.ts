import type { Binding } from '#src/http/binding.ts';
import { separateOrigins } from './own-origin.ts';

/** Files leave by routes of their own, where DOWNLOAD_ORIGIN says so at an origin of their own. */
export const downloads = (): Binding => ({
  id: 'downloads',
  requires: ['uploads'],
  install: (_app, { routing }) => routing.guard('session', separateOrigins),
});
