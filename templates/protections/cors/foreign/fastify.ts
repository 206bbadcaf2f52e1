import type { Binding } from '#src/http/binding.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { csrfOf } from '#src/protections/csrf/trust.ts';
import { type CorsOptions, checkOrigin, compileCors, readableBy, varyByOrigin } from './core.ts';

/** Says on every answer who may read it, and decides on requests of other origins before anything of them is read. */
export const cors = (options: CorsOptions): Binding => ({
  id: 'cors',
  requires: ['host-check'],
  install: (app, context) => {
    const policy = compileCors(context.config, [], options);
    csrfOf(context).trust((origin) => policy.origins.has(origin));
    app.addHook('onSend', ({ raw }, reply, _payload, done) => {
      reply.headers(readableBy(raw.headers.origin, policy));
      reply.header('vary', varyByOrigin(reply.getHeader('vary'))); // protect: Q449
      done();
    });
    app.addHook('onRequest', ({ raw }, reply, done) => {
      const verdict = checkOrigin(raw, policy);
      if (verdict === undefined || verdict instanceof Problem) return done(verdict);
      return reply.code(204).headers(verdict.granted).send();
    });
  },
});
