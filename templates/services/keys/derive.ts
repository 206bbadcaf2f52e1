import { hkdfSync } from 'node:crypto';

/** A key of 32 bytes for one use, made from another one: HKDF-SHA-256 (RFC 5869). Whoever knows it knows no other (ASVS V11.2.2). */
export const deriveKey = (secret: Uint8Array, ...use: readonly string[]): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), JSON.stringify(use), 32));
