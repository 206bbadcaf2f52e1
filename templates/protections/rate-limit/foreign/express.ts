import type { Binding } from '#src/http/binding.ts';
import { limitClients } from './clients.ts';

/** Limits what one client sends, before anything of it is read. */
export const rateLimit = (): Binding => ({
  id: 'rate-limit',
  requires: ['host-check'],
  install: (app, context) => {
    const check = limitClients(context);
    app.use((request, _response, next) => next(check(request))); // protect: Q429
  },
});
