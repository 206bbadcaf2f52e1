import type { Binding } from '#src/http/binding.ts';
import { openContext } from './context.ts';

/** Gives every request a context of its own. */
export const appCore = (): Binding => ({
  id: 'app-core',
  install: (app, { clock }) => {
    app.use((request, response, next) => {
      openContext(request, response, clock.monotonic());
      next();
    });
  },
});
