import type { Binding } from '#src/http/binding.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { checkRequest, compileHostRules } from './core.ts';

/** The first decision on every request: is this app meant, and who asks. */
export const hostCheck = (): Binding => ({
  id: 'host-check',
  requires: ['app-core'],
  install: (app, { config }) => {
    const rules = compileHostRules(config);
    app.addHook('onRequest', ({ raw }, reply, done) => {
      const verdict = checkRequest(raw, rules);
      if (verdict === undefined || verdict instanceof Problem) return done(verdict);
      return reply.redirect(verdict.location, 308);
    });
  },
});
