import type { Static } from 'typebox';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { requireSession } from '#src/protections/sessions/own-sessions.ts';
import { renewSession } from '#src/protections/sessions/sign-in.ts';
import { requestOptions, usePasskey } from './assertion.ts';
import type { AssertionResponse, RequestOptions } from './schemas.ts';
import { descriptorsOf } from './store.ts';

/** Begins a fresh proof by one of the user's own passkeys. */
export const passkeyStepUpOptions = async (given: Given): Promise<Static<typeof RequestOptions>> => {
  const descriptors = await descriptorsOf(given.app.services.db.query, requireSession(given).userId);
  return requestOptions(given, 'step-up', descriptors);
};

/**
 * Proves again who uses the session.
 * @throws Problem 401 for a passkey that is not the user's own, or a ceremony that is not right.
 */
export const stepUpWithPasskey = async (given: Given, credential: AssertionResponse): Promise<void> => {
  const owner = await usePasskey(given, 'step-up', credential);
  if (owner !== requireSession(given).userId) throw new Problem(401); // protect: Q454
  await renewSession(given, { way: 'passkey' });
};
