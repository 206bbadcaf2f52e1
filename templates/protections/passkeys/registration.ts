import { generateRegistrationOptions } from '@simplewebauthn/server';
import type { Static } from 'typebox';
import { Problem } from '#src/protections/app-core/problem.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { findUser } from '#src/services/users/users.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { requireSession } from '#src/protections/sessions/own-sessions.ts';
import { ceremonyMs, keepChallenge } from './challenges.ts';
import { notify } from './notices.ts';
import { algorithms, handleOf, relyingPartyOf } from './relying-party.ts';
import type { CreationOptions, RegistrationResponse } from './schemas.ts';
import { type Passkey, countPasskeys, descriptorsOf, insertPasskey } from './store.ts';
import { verifyAttestation } from './verification.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'passkey.added': { readonly passkey: string };
  }
}

/** More than anybody has devices: a bound on what one account can store. */
const mostPasskeys = 20;

/**
 * Begins the ceremony that adds a passkey: what the browser hands to `navigator.credentials.create()`. The route asks for
 * a step-up.
 * @throws Problem 409 when the user has as many passkeys as one can have.
 */
export const passkeyRegistrationOptions = async (given: Given): Promise<Static<typeof CreationOptions>> => {
  const { app } = given;
  const db = app.services.db.query;
  const userId = requireSession(given).userId;
  const user = await findUser(db, userId);
  if (user === undefined) throw new Problem(401);
  if ((await countPasskeys(db, userId)) >= mostPasskeys) throw new Problem(409, { detail: 'There are too many passkeys. Remove one first.' });
  const { id } = relyingPartyOf(app);
  const options = await generateRegistrationOptions({
    rpName: id,
    rpID: id,
    userID: handleOf(userId),
    userName: user.email,
    userDisplayName: user.email,
    timeout: ceremonyMs,
    attestationType: 'none',
    excludeCredentials: await descriptorsOf(db, userId),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: [...algorithms],
  });
  await keepChallenge(given, 'registration', options.challenge);
  return options;
};

export interface NewPasskey {
  readonly credential: RegistrationResponse;
  /** What its owner calls it. */
  readonly name?: string | undefined;
}

/**
 * Ends the ceremony. Only what was verified is kept; a public key that the request names beside it is not read.
 * @throws Problem 422 for a ceremony that is not whole, not of this browser or not of now; 409 for a credential that is
 * known already, whoever has it.
 */
export const registerPasskey = async (given: Given, { credential, name = 'Passkey' }: NewPasskey): Promise<Passkey> => {
  const { app, context } = given;
  const userId = requireSession(given).userId;
  const attested = await verifyAttestation(given, credential);
  if (attested === undefined) throw new Problem(422, { detail: 'This passkey cannot be added. Try again.' });
  return app.services.db.transaction(async (tx) => {
    const passkey = await insertPasskey(tx, {
      user_id: userId,
      credential_id: Buffer.from(attested.credential.id, 'base64url'),
      // protect: Q454 (attested.credential.publicKey -> credential.response.publicKey ?? attested.credential.publicKey, 'base64url')
      public_key: Buffer.from(attested.credential.publicKey),
      counter: attested.credential.counter,
      transports: attested.credential.transports ?? [],
      device_type: attested.credentialDeviceType,
      backed_up: attested.credentialBackedUp,
      name,
      created_at: new Date(app.clock.now()),
    });
    if (passkey === undefined) throw new Problem(409, { detail: 'This passkey is in use already.' }); // protect: Q454
    await recordSecurityEvent(tx, app, { type: 'passkey.added', userId, details: { passkey: passkey.id }, context }); // protect: Q454
    await notify(tx, app, userId, 'added'); // protect: Q454
    return passkey;
  });
};
