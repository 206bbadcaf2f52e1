import type { Binding } from '#src/http/binding.ts';
import { type HeaderOptions, createPolicy } from './core.ts';
import { checkFraming } from './framing.ts';
import { createResponseClass } from './response.ts';

/** Every answer carries the baseline, errors and refusals included. */
export const headers = (options: HeaderOptions): Binding => {
  const policy = createPolicy(options);
  return {
    id: 'headers',
    requires: ['app-core'],
    server: { http: { ServerResponse: createResponseClass(policy) } },
    wireHeaders: policy.api, // protect: B5
    install: (_app, { routing }) => routing.guard('access', checkFraming),
  };
};
