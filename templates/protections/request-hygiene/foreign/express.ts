import type { Binding } from '#src/http/binding.ts';
import { checkMessage } from './core.ts';

/** Messages that end where everybody thinks they end. */
export const requestHygiene = (): Binding => ({
  id: 'request-hygiene',
  requires: ['app-core'],
  install: (app) => {
    app.use((request, _response, next) => next(checkMessage(request)));
  },
});
