import { createCipheriv, createHmac, randomBytes } from 'node:crypto';

/** A Fernet token, as another system made it. */
export const fernetToken = (key: Uint8Array, plain: string): string => {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv);
  const signed = Buffer.concat([Buffer.from([0x80]), Buffer.alloc(8), iv, cipher.update(plain), cipher.final()]);
  return Buffer.concat([signed, createHmac('sha256', key.subarray(0, 16)).update(signed).digest()]).toString('base64url');
};

/** `iv + AES-CBC`, as base64. */
export const bareCbc = (key: Uint8Array, plain: string): string => {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final()]).toString('base64');
};
