import {
  type VerifiedAuthenticationResponse,
  type VerifiedRegistrationResponse,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeClientDataJSON } from '@simplewebauthn/server/helpers';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { type Ceremony, spendChallenge } from './challenges.ts';
import { algorithms, relyingPartyOf } from './relying-party.ts';
import type { AssertionResponse, RegistrationResponse } from './schemas.ts';

type Attested = NonNullable<VerifiedRegistrationResponse['registrationInfo']>;
type Asserted = VerifiedAuthenticationResponse['authenticationInfo'];

/** Whatever the library does not like it throws; its reason is for the log and for nobody else. */
const judged = async <T>({ app }: Given, verify: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof Problem) throw error;
    app.log.info({ reason: error instanceof Error ? error.message : 'unknown' }, 'a passkey ceremony was refused');
    return undefined;
  }
};

/** The page stood in a frame of another site, which no page of this app allows (WebAuthn Level 3, sections 7.1 and 7.2). */
const isFramed = (clientDataJSON: string): boolean => decodeClientDataJSON(clientDataJSON).crossOrigin === true;

/** What an authenticator stated when it made a passkey; undefined for a ceremony that is not whole, not of this browser or not of now. */
export const verifyAttestation = (given: Given, credential: RegistrationResponse): Promise<Attested | undefined> =>
  judged(given, async () => {
    const party = relyingPartyOf(given.app);
    const { registrationInfo } = await verifyRegistrationResponse({
      response: credential,
      // protect: Q454 (spendChallenge(given, 'registration', challenge) -> challenge !== '')
      expectedChallenge: (challenge) => spendChallenge(given, 'registration', challenge),
      expectedOrigin: party.origin, // protect: Q454 (party.origin -> [party.origin, 'https://evil.test'])
      expectedRPID: party.id, // protect: Q454 (party.id -> '')
      requireUserVerification: true, // protect: Q454 (true -> false)
      supportedAlgorithmIDs: [...algorithms],
    });
    if (isFramed(credential.response.clientDataJSON)) return undefined; // protect: Q454
    return registrationInfo;
  });

/**
 * What an authenticator stated when it used a passkey; undefined for a ceremony that is not right. The counter is not judged
 * here: before the signature is known to be right it is anybody's word.
 */
export const verifyAssertion = (
  given: Given,
  ceremony: Ceremony,
  credential: AssertionResponse,
  publicKey: Uint8Array,
): Promise<Asserted | undefined> =>
  judged(given, async () => {
    const party = relyingPartyOf(given.app);
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: credential,
      // protect: Q454 (spendChallenge(given, ceremony, challenge) -> challenge !== '')
      expectedChallenge: (challenge) => spendChallenge(given, ceremony, challenge),
      expectedOrigin: party.origin, // protect: Q454 (party.origin -> [party.origin, 'https://evil.test'])
      expectedRPID: party.id, // protect: Q454 (party.id -> [party.id, 'evil.test'])
      credential: { id: credential.id, publicKey: new Uint8Array(publicKey), counter: 0 },
      requireUserVerification: true, // protect: Q454 (true -> false)
    });
    if (!verified) return undefined; // protect: Q454
    if (isFramed(credential.response.clientDataJSON)) return undefined; // protect: Q454
    return authenticationInfo;
  });
