import type { Binding } from '#src/http/binding.ts';
import { refuseForgedRequests } from './core.ts';

/** Takes changes from pages of this origin only. */
export const csrf = (): Binding => ({
  id: 'csrf',
  requires: ['app-core'],
  install: (app, context) => {
    const check = refuseForgedRequests(context);
    app.use((request, _response, next) => next(check(request)));
  },
});
