import type { Binding } from '#src/http/binding.ts';
import { installUploads } from './core.ts';

/** Takes files, and tidies up behind those that never arrived. */
export const uploads = (): Binding => ({
  id: 'uploads',
  requires: ['access-control'],
  install: (_app, context) => installUploads(context),
});
