import type { Binding } from '#src/http/binding.ts';
import { recurringOf } from '#src/services/recurring/recurring.ts';
import { limitClients } from './clients.ts';
import { limitRoutes } from './core.ts';
import { deleteOldUses } from './old-rows.ts';

/** Limits what one client sends before anything of it is read, and what a route admits by its named limits. */
export const rateLimit = (): Binding => ({
  id: 'rate-limit',
  requires: ['host-check'],
  install: (app, context) => {
    const check = limitClients(context);
    app.use((request, _response, next) => next(check(request))); // protect: Q429
    context.routing.guard('limit', limitRoutes(context)); // protect: Q429
    recurringOf(context).every({ name: 'rate-limit.delete-old', everyMs: 3_600_000, run: deleteOldUses });
  },
});
