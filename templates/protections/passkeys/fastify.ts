import type { Binding } from '#src/http/binding.ts';
import { installPasskeys } from './core.ts';

/** Signing in with passkeys (WebAuthn). */
export const passkeys = (): Binding => ({
  id: 'passkeys',
  requires: ['sessions', 'csrf', 'rate-limit'],
  install: (_app, context) => installPasskeys(context),
});
