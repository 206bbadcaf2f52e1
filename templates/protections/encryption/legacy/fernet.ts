import { createDecipheriv, createHmac } from 'node:crypto';
import { CannotOpen } from '../cannot-open.ts';
import { safeEqual } from '../safe-equal.ts';

const [headBytes, ivBytes, macBytes, blockBytes] = [9, 16, 32, 16];

/**
 * Opens a Fernet token (AES-128-CBC under HMAC-SHA-256, https://github.com/fernet/spec), whatever its age. The MAC decides before
 * anything is decrypted: how wrong the padding is shows nobody (CWE-354).
 * @param key 32 bytes: half of it for the MAC, half to decrypt.
 * @throws CannotOpen
 */
export const openFernet = (key: Uint8Array, token: string): Buffer => {
  const bytes = Buffer.from(token, 'base64url');
  const signed = bytes.subarray(0, -macBytes);
  const body = signed.subarray(headBytes + ivBytes);
  if (key.length !== 32 || bytes[0] !== 0x80 || body.length === 0 || body.length % blockBytes !== 0) throw new CannotOpen();
  const mac = createHmac('sha256', key.subarray(0, 16)).update(signed).digest();
  if (!safeEqual(mac, bytes.subarray(-macBytes))) throw new CannotOpen(); // protect: Q469
  try {
    const opening = createDecipheriv('aes-128-cbc', key.subarray(16), signed.subarray(headBytes, headBytes + ivBytes));
    return Buffer.concat([opening.update(body), opening.final()]);
  } catch {
    throw new CannotOpen();
  }
};
