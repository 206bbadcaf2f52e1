import type { Binding } from '#src/http/binding.ts';
import { installJobs } from './core.ts';

/** Runs what requests left for later. */
export const jobs = (): Binding => ({
  id: 'jobs',
  requires: ['access-control'],
  install: (_app, context) => installJobs(context),
});
