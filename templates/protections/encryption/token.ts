import { hash, randomBytes } from 'node:crypto';

/**
 * A secret that nobody can guess, for cookies, links and keys: base64url.
 * @param bytes of randomness; 16 or more (ASVS V11.5.1: 128 bits).
 * @throws RangeError for less.
 */
export const newToken = (bytes = 32): string => {
  if (!Number.isInteger(bytes) || bytes < 16) throw new RangeError('A token has 16 random bytes or more.');
  return randomBytes(bytes).toString('base64url');
};

/** What the database keeps in the place of a token: who reads it cannot use it. 32 bytes, SHA-256; enough for what is random. */
export const digestOf = (token: string): Buffer => hash('sha256', token, 'buffer');
