import type { Binding } from '#src/http/binding.ts';
import { openContext } from './context.ts';

/** Gives every request a context of its own. */
export const appCore = (): Binding => ({
  id: 'app-core',
  install: (app, { clock }) => {
    app.addHook('onRequest', (request, reply, done) => {
      openContext(request.raw, reply.raw, clock.monotonic());
      done();
    });
  },
});
