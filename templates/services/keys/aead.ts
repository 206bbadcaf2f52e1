import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

// The one place that encrypts. A key says which algorithm it is for; a message never does (CWE-757).

const nonceBytes = 12;
const tagBytes = 16;

/** What new values are encrypted with, by the name that stands in the key ring: AES-256-GCM (NIST SP 800-38D). */
const ciphers: ReadonlyMap<string, 'aes-256-gcm'> = new Map([['A256GCM', 'aes-256-gcm']]);

const cipherOf = (algorithm: string): 'aes-256-gcm' => {
  const cipher = ciphers.get(algorithm);
  if (cipher === undefined) throw new RangeError(`Nothing is encrypted with ${algorithm}.`); // protect: Q469
  return cipher;
};

export interface Sealed {
  readonly nonce: Buffer;
  /** What was encrypted, and behind it the tag. */
  readonly body: Buffer;
}

/**
 * Encrypts and authenticates.
 * @param key 32 bytes.
 * @param bound what the result belongs to; it opens nowhere else.
 * @throws RangeError for an algorithm that is not used for new values.
 */
export const encrypt = (algorithm: string, key: Uint8Array, plain: Uint8Array, bound: string): Sealed => {
  const nonce = randomBytes(nonceBytes); // protect: Q445 (randomBytes(nonceBytes) -> Buffer.alloc(nonceBytes))
  const sealing = createCipheriv(cipherOf(algorithm), key, nonce, { authTagLength: tagBytes });
  sealing.setAAD(Buffer.from(bound));
  return { nonce, body: Buffer.concat([sealing.update(plain), sealing.final(), sealing.getAuthTag()]) };
};

/**
 * Opens what `encrypt` made with the same key and the same `bound`.
 * @throws Error when one bit of it is not as it was.
 */
export const decrypt = (algorithm: string, key: Uint8Array, { nonce, body }: Sealed, bound: string): Buffer => {
  // Node takes a tag of four bytes too: one forgery in 2^32 tries would pass (CWE-354).
  const opening = createDecipheriv(cipherOf(algorithm), key, nonce, { authTagLength: tagBytes }); // protect: Q445 (, { authTagLength: tagBytes } -> )
  opening.setAAD(Buffer.from(bound));
  opening.setAuthTag(body.subarray(-tagBytes));
  return Buffer.concat([opening.update(body.subarray(0, -tagBytes)), opening.final()]);
};
