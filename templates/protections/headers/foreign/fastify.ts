import { ServerResponse } from 'node:http';
import type { Binding } from '#src/http/binding.ts';
import { type HeaderOptions, createPolicy } from './core.ts';
import { createResponseClass } from './response.ts';

/** Every answer carries the baseline, errors and refusals included. */
export const headers = (options: HeaderOptions): Binding => {
  const GuardedResponse = createResponseClass(createPolicy(options));
  const guard = (response: ServerResponse): void => {
    // Requests that are injected by a test have a response of another kind.
    if (Object.getPrototypeOf(response) === ServerResponse.prototype) Object.setPrototypeOf(response, GuardedResponse.prototype); // protect: B5, Q415
  };
  return {
    id: 'headers',
    requires: ['app-core'],
    install: (app) => {
      // Before the router: it answers by itself what it cannot read. And as a hook, for the other servers that listen on localhost.
      app.server.prependListener('request', (_request, response) => guard(response));
      app.addHook('onRequest', (_request, reply, done) => {
        guard(reply.raw);
        done();
      });
    },
  };
};
