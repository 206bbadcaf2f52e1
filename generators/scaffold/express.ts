import type { Binding } from '#src/http/binding.ts';
import { newProtectionVerdict } from './core.ts';

/** Asks the core about every request. */
export const newProtection = (): Binding => ({
  id: 'new-protection',
  requires: ['app-core'],
  install: (app) => {
    app.use((request, _response, next) => next(newProtectionVerdict(request)));
  },
});
