import type { Static } from 'typebox';
import type { Given } from '#src/protections/sessions/given.ts';
import { signIn } from '#src/protections/sessions/sign-in.ts';
import { requestOptions, usePasskey } from './assertion.ts';
import type { AssertionResponse, RequestOptions } from './schemas.ts';

/** Begins a sign-in. It names no user and no passkey, so it tells nobody which accounts exist: the authenticator knows whose it is. */
export const passkeySignInOptions = (given: Given): Promise<Static<typeof RequestOptions>> => requestOptions(given, 'sign-in');

/**
 * Signs in with a passkey. It proves two factors: the device, and what the device asked its user for.
 * @throws Problem 401, the same for whatever is wrong.
 */
export const signInWithPasskey = async (given: Given, credential: AssertionResponse): Promise<void> => {
  const userId = await usePasskey(given, 'sign-in', credential);
  await signIn(given, { userId, way: 'passkey', factors: 'many' });
};
