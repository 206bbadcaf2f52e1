import { createDecipheriv } from 'node:crypto';
import { CannotOpen } from '../cannot-open.ts';

const ivBytes = 16;

/**
 * Opens `iv + AES-CBC` without any MAC. Whoever can change such a value decides what it says: only for `migrateLegacy`, run
 * by a person over values that nobody else could change, never where requests arrive (CWE-354).
 * @param key 16, 24 or 32 bytes.
 * @throws CannotOpen
 */
export const openBareCbc = (key: Uint8Array, value: string): Buffer => {
  const bytes = Buffer.from(value, 'base64');
  try {
    const opening = createDecipheriv(`aes-${key.length * 8}-cbc`, key, bytes.subarray(0, ivBytes));
    return Buffer.concat([opening.update(bytes.subarray(ivBytes)), opening.final()]);
  } catch {
    throw new CannotOpen();
  }
};
