import type { Binding } from '#src/http/binding.ts';
import { limitClients } from './clients.ts';

/** Limits what one client sends, before anything of it is read. */
export const rateLimit = (): Binding => ({
  id: 'rate-limit',
  requires: ['host-check'],
  install: (app, context) => {
    const check = limitClients(context);
    app.addHook('onRequest', (request, _reply, done) => done(check(request.raw))); // protect: Q429
  },
});
