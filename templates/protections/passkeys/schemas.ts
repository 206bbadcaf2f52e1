import Type, { type Static } from 'typebox';
import { oneOf } from '#src/protections/database/list-query.ts';
import { closed } from '#src/protections/validation/core.ts';
import { dateTime, text, uuid } from '#src/protections/validation/formats.ts';

/** Bytes as browsers write them into JSON. The bounds leave room for every authenticator, and for no more. */
const base64url = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** Of credentials: 1023 bytes at most (WebAuthn Level 3, section 4). */
const credentialId = () => base64url(1364);

const attachment = () => oneOf(['platform', 'cross-platform']);
const extensionResults = () => closed({ credProps: Type.Optional(closed({ rk: Type.Optional(Type.Boolean()) })) });

/** `PublicKeyCredential.toJSON()` after `navigator.credentials.create()`. What stands beside the attestation is nobody's word and is not read. */
export const RegistrationResponse = closed({
  id: credentialId(),
  rawId: credentialId(),
  type: oneOf(['public-key']),
  response: closed({
    clientDataJSON: base64url(4096),
    attestationObject: base64url(16_384),
    transports: Type.Optional(Type.Array(text(32, 1), { maxItems: 10 })),
    authenticatorData: Type.Optional(base64url(8192)),
    publicKey: Type.Optional(base64url(4096)),
    publicKeyAlgorithm: Type.Optional(Type.Integer()),
  }),
  authenticatorAttachment: Type.Optional(attachment()),
  clientExtensionResults: extensionResults(),
});
export type RegistrationResponse = Static<typeof RegistrationResponse>;

/** `PublicKeyCredential.toJSON()` after `navigator.credentials.get()`. */
export const AssertionResponse = closed({
  id: credentialId(),
  rawId: credentialId(),
  type: oneOf(['public-key']),
  response: closed({
    clientDataJSON: base64url(4096),
    authenticatorData: base64url(8192),
    signature: base64url(2048),
    userHandle: Type.Optional(base64url(128)),
  }),
  authenticatorAttachment: Type.Optional(attachment()),
  clientExtensionResults: extensionResults(),
});
export type AssertionResponse = Static<typeof AssertionResponse>;

const name = () => text(64, 1);

export const Registration = closed({ name: Type.Optional(name()), credential: RegistrationResponse });
export const Assertion = closed({ credential: AssertionResponse });
export const NewName = closed({ name: name() });
export const Id = closed({ id: uuid() });

export const Passkey = closed({
  id: uuid(),
  name: Type.String(),
  createdAt: dateTime(),
  lastUsedAt: Type.Optional(dateTime()),
  synced: Type.Boolean(),
});
export const Passkeys = closed({ items: Type.Array(Passkey) });

const Descriptors = Type.Array(closed({ id: Type.String(), type: Type.String(), transports: Type.Optional(Type.Array(Type.String())) }));

/** For `PublicKeyCredential.parseCreationOptionsFromJSON()`. */
export const CreationOptions = closed({
  challenge: Type.String(),
  rp: closed({ id: Type.Optional(Type.String()), name: Type.String() }),
  user: closed({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
  pubKeyCredParams: Type.Array(closed({ alg: Type.Integer(), type: Type.String() })),
  timeout: Type.Optional(Type.Integer()),
  attestation: Type.Optional(Type.String()),
  excludeCredentials: Type.Optional(Descriptors),
  authenticatorSelection: Type.Optional(
    closed({
      residentKey: Type.Optional(Type.String()),
      requireResidentKey: Type.Optional(Type.Boolean()),
      userVerification: Type.Optional(Type.String()),
    }),
  ),
});

/** For `PublicKeyCredential.parseRequestOptionsFromJSON()`. */
export const RequestOptions = closed({
  challenge: Type.String(),
  rpId: Type.Optional(Type.String()),
  timeout: Type.Optional(Type.Integer()),
  userVerification: Type.Optional(Type.String()),
  allowCredentials: Type.Optional(Descriptors),
});

