import type { Binding } from '#src/http/binding.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { checkRequest, compileHostRules } from './core.ts';

/** The first decision on every request: is this app meant, and who asks. */
export const hostCheck = (): Binding => ({
  id: 'host-check',
  requires: ['app-core'],
  install: (app, { config }) => {
    const rules = compileHostRules(config);
    app.use((request, response, next) => {
      const verdict = checkRequest(request, rules);
      if (verdict === undefined || verdict instanceof Problem) return next(verdict);
      return response.writeHead(308, { location: verdict.location }).end();
    });
  },
});
