import { createHmac } from 'node:crypto';
import type { AppContext } from '#src/context.ts';
import { safeEqual } from '#src/protections/encryption/safe-equal.ts';
import { browserBinding, knownBinding } from '#src/protections/sessions/binding.ts';
import type { Given } from '#src/protections/sessions/given.ts';

const tokenFor = ({ services }: AppContext, binding: Buffer): string =>
  createHmac('sha256', services.keys.hmacKey('csrf')).update(binding).digest('base64url'); // protect: B2 (.update(binding) -> )

/**
 * The token that this browser must send with its changes: in the header `x-csrf-token`, or in the form field `_csrf`. It belongs to
 * the session; after sign-in, sign-out and step-up it is another one.
 */
export const csrfToken = (given: Given): string => tokenFor(given.app, browserBinding(given));

/** True for the token of this browser. */
export const isOwnToken = (given: Given, token: string): boolean => {
  const binding = knownBinding(given);
  return binding !== undefined && safeEqual(token, tokenFor(given.app, binding));
};
