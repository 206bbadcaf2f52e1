import type { Binding } from '#src/http/binding.ts';
import { installTotp } from './core.ts';

/** Codes of an authenticator app as a second factor. */
export const totp = (): Binding => ({
  id: 'totp',
  requires: ['sessions', 'csrf', 'rate-limit'],
  install: (_app, context) => installTotp(context),
});
