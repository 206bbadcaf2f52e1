import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Known to this process alone: nobody can choose values whose digests begin alike. */
const processKey = randomBytes(32);

const digest = (value: string | Uint8Array): Buffer => createHmac('sha256', processKey).update(value).digest();

/**
 * Compares secrets in a time that tells nothing of where they differ, nor of how long the expected one is (CWE-208, ASVS
 * V11.2.4). Not for passwords: those have a hash of their own.
 */
export const safeEqual = (a: string | Uint8Array, b: string | Uint8Array): boolean =>
  timingSafeEqual(digest(a), digest(b)); // protect: Q405 (timingSafeEqual(digest(a), digest(b)) -> Buffer.from(a).equals(Buffer.from(b)))
