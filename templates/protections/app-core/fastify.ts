import type { Binding } from '#src/http/binding.ts';
import { type RequestContext, openContext } from './context.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The context of this request; null until the first hook ran. */
    ctx: RequestContext | null;
  }
}

/** Gives every request a context of its own, and refuses routes without a policy. */
export const appCore = (): Binding => ({
  id: 'app-core',
  install: (app, { clock }) => {
    // Null and not an object: a reference would be shared by all requests; Fastify refuses it at boot (G4).
    app.decorateRequest('ctx', null);
    app.addHook('onRequest', (request, reply, done) => {
      request.ctx = openContext(request.raw, reply.raw, clock.monotonic());
      done();
    });
    app.addHook('onRoute', ({ method, url, config }) => {
      if (config?.policy === undefined) throw new Error(`${String(method)} ${url} has no policy: declare it with route().`); // protect: G6
    });
  },
});
