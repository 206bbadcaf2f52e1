import type { Binding } from '#src/http/binding.ts';
import { type HeaderOptions, createPolicy } from './core.ts';
import { checkFraming } from './framing.ts';
import { createResponseClass } from './response.ts';

/** Every answer carries the baseline, errors and refusals included. */
export const headers = (options: HeaderOptions): Binding => {
  const policy = createPolicy(options);
  const GuardedResponse = createResponseClass(policy);
  return {
    id: 'headers',
    requires: ['app-core'],
    server: { ServerResponse: GuardedResponse },
    wireHeaders: policy.api, // protect: B5
    install: (app, { routing }) => {
      app.disable('x-powered-by'); // protect: Q421
      // Express gives each response a prototype of its own; without this the one of the server would be lost.
      Object.defineProperties(app.response, Object.getOwnPropertyDescriptors(GuardedResponse.prototype)); // protect: B5, Q415
      routing.guard('access', checkFraming);
    },
  };
};
