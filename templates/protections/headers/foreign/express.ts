import type { Binding } from '#src/http/binding.ts';
import { type HeaderOptions, createPolicy } from './core.ts';
import { createResponseClass } from './response.ts';

/** Every answer carries the baseline, errors and refusals included. */
export const headers = (options: HeaderOptions): Binding => {
  const GuardedResponse = createResponseClass(createPolicy(options));
  return {
    id: 'headers',
    requires: ['app-core'],
    install: (app) => {
      app.disable('x-powered-by'); // protect: Q421
      // Every response of Express has this object as its prototype.
      Object.defineProperties(app.response, Object.getOwnPropertyDescriptors(GuardedResponse.prototype)); // protect: B5, Q415
    },
  };
};
