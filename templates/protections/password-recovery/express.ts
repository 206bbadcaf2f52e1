import type { Binding } from '#src/http/binding.ts';
import { installPasswordRecovery } from './core.ts';

export const passwordRecovery = (): Binding => ({
  id: 'password-recovery',
  requires: ['auth-password'],
  install: (_app, context) => installPasswordRecovery(context),
});
