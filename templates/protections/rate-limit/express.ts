import type { Binding } from '#src/http/binding.ts';
import { limitClients, limitRoutes } from './core.ts';

/** Limits what one client sends before anything of it is read, and what a route admits by its named limits. */
export const rateLimit = (): Binding => ({
  id: 'rate-limit',
  requires: ['host-check'],
  install: (app, context) => {
    const check = limitClients(context);
    app.use((request, _response, next) => next(check(request))); // protect: Q429
    context.routing.guard('limit', limitRoutes(context)); // protect: Q429
  },
});
