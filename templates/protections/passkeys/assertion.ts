import { generateAuthenticationOptions } from '@simplewebauthn/server';
import type { Static } from 'typebox';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { giveBackAttempt, takeAttempt, usualRule } from '#src/protections/sessions/attempts.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { signInFailed } from '#src/protections/sessions/sign-in.ts';
import { type Ceremony, ceremonyMs, keepChallenge } from './challenges.ts';
import { notify } from './notices.ts';
import { handleOf, relyingPartyOf } from './relying-party.ts';
import type { AssertionResponse, RequestOptions } from './schemas.ts';
import { type StoredPasskey, advanceCounter, findByCredentialId } from './store.ts';
import { verifyAssertion } from './verification.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    /** Used out of order: there may be a copy of it. */
    'passkey.copied': { readonly passkey: string };
  }
}

/** What a passkey is used for. */
type Use = Exclude<Ceremony, 'registration'>;

/** Begins a ceremony that uses a passkey: what the browser hands to `navigator.credentials.get()`. */
export const requestOptions = async (
  given: Given,
  ceremony: Use,
  allowCredentials: { id: string; transports: string[] }[] = [],
): Promise<Static<typeof RequestOptions>> => {
  const { id } = relyingPartyOf(given.app);
  const options = await generateAuthenticationOptions({ rpID: id, timeout: ceremonyMs, userVerification: 'required', allowCredentials });
  await keepChallenge(given, ceremony, options.challenge);
  return options;
};

/**
 * Judges the use of a passkey. A refusal is kept as a failed sign-in.
 * @returns whose it is.
 * @throws Problem 401, the same for whatever is wrong with it; 429 after too many tries.
 */
export const usePasskey = async (given: Given, ceremony: Use, credential: AssertionResponse): Promise<string> => {
  const { app } = given;
  const db = app.services.db.query;
  const passkey = await findByCredentialId(db, credential.id);
  if (passkey === undefined) throw await signInFailed(given, { way: 'passkey', userId: null });
  const { id, userId } = passkey;
  await takeAttempt(app, db, `passkey:${id}`, usualRule); // protect: Q454
  if (!(await judge(given, ceremony, credential, passkey))) throw await signInFailed(given, { way: 'passkey', userId });
  await giveBackAttempt(db, `passkey:${id}`);
  return userId;
};

const judge = async (given: Given, ceremony: Use, credential: AssertionResponse, passkey: StoredPasskey): Promise<boolean> => {
  const { app } = given;
  const asserted = await verifyAssertion(given, ceremony, credential, passkey.publicKey);
  if (asserted === undefined) return false;
  if (!isOwner(passkey, credential, ceremony)) return false; // protect: Q454
  // Whether a passkey can be copied to other devices is settled when it is made (WebAuthn Level 3, section 6.1.3).
  if (asserted.credentialDeviceType !== passkey.deviceType) return false; // protect: Q454
  const use = { counter: asserted.newCounter, backedUp: asserted.credentialBackedUp, at: new Date(app.clock.now()) };
  if (await advanceCounter(app.services.db.query, passkey.id, use)) return true;
  await report(given, passkey);
  return false;
};

/** Who signs in is named by the authenticator, and must be whom the key belongs to (WebAuthn Level 3, section 7.2). */
const isOwner = ({ userId }: StoredPasskey, { response: { userHandle } }: AssertionResponse, ceremony: Use): boolean =>
  userHandle === undefined ? ceremony === 'step-up' : userHandle === handleOf(userId).toString('base64url');

/** The signature was right: there are two that hold the key, and its owner must know. Kept although the request is refused. */
const report = ({ app, context }: Given, { id, userId }: StoredPasskey): Promise<void> =>
  app.services.db.transaction(async (tx) => {
    await recordSecurityEvent(tx, app, { type: 'passkey.copied', userId, details: { passkey: id }, context }); // protect: Q454
    await notify(tx, app, userId, 'copied'); // protect: Q454
  });
