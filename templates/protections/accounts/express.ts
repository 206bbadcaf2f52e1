import type { Binding } from '#src/http/binding.ts';
import { installAccounts } from './core.ts';

export const accounts = (): Binding => ({
  id: 'accounts',
  requires: ['auth-password'],
  install: (_app, context) => installAccounts(context),
});
