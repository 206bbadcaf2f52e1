import type { Binding } from '#src/http/binding.ts';
import { installCsrf } from './core.ts';

export const csrf = (): Binding => ({
  id: 'csrf',
  requires: ['sessions'],
  install: (_app, context) => installCsrf(context),
});
