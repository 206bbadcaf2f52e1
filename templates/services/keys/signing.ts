import { type JsonWebKey, type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

/** What signatures are made with (RFC 8037, RFC 7518): Ed25519, ECDSA on P-256, RSA-PSS from 3072 bits on. */
export const signingAlgorithms = ['EdDSA', 'ES256', 'PS256'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

const leastRsaBits = 3072;

const generate: Readonly<Record<SigningAlgorithm, () => KeyObject>> = {
  EdDSA: () => generateKeyPairSync('ed25519').privateKey,
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  PS256: () => generateKeyPairSync('rsa', { modulusLength: leastRsaBits }).privateKey,
};

/** The algorithm that a private key is for; undefined when it is too weak, or of a kind that is not used (ASVS V11.6.1). */
const algorithmOf = ({ asymmetricKeyType: kind, asymmetricKeyDetails: { namedCurve, modulusLength = 0 } = {} }: KeyObject): SigningAlgorithm | undefined => {
  if (kind === 'ed25519') return 'EdDSA';
  if (kind === 'ec' && namedCurve === 'prime256v1') return 'ES256'; // protect: Q481 ( && namedCurve === 'prime256v1' -> )
  return kind === 'rsa' && modulusLength >= leastRsaBits ? 'PS256' : undefined; // protect: Q481 ( && modulusLength >= leastRsaBits -> )
};

const encode = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' });

/** A new private key, as it is wrapped. */
export const newSigningSecret = (algorithm: SigningAlgorithm): Buffer => encode(generate[algorithm]());

/**
 * Reads a private key that was made elsewhere.
 * @throws RangeError when it is too weak.
 */
export const readSigningKey = (pem: string): { readonly algorithm: SigningAlgorithm; readonly secret: Buffer } => {
  const key = createPrivateKey(pem);
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) throw new RangeError('A signing key is Ed25519, P-256, or RSA of 3072 bits or more.');
  return { algorithm, secret: encode(key) };
};

/**
 * The private key of a ring key.
 * @throws RangeError when it is not one for this algorithm, or too weak.
 */
export const signingKeyOf = (algorithm: string, secret: Buffer): KeyObject => {
  const key = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
  if (algorithmOf(key) !== algorithm) throw new RangeError(`A signing key does not fit ${algorithm}.`); // protect: Q481
  return key;
};

/** A key that others verify with, as JWKS publishes it (RFC 7517). */
export interface PublicJwk extends JsonWebKey {
  readonly kid: string;
  readonly alg: string;
  readonly use: 'sig';
}

/** The public half of a private key: of the private members nothing is left. */
export const publicJwk = (kid: string, alg: string, key: KeyObject): PublicJwk => {
  const publicKey = createPublicKey(key); // protect: Q481 (createPublicKey(key) -> key)
  return { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
};
