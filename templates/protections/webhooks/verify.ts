import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Claim, Scheme } from './scheme.ts';
import type { WebhookSecret } from './secrets.ts';

export interface Given {
  readonly scheme: Pick<Scheme, 'algorithm' | 'encoding'>;
  readonly secrets: readonly WebhookSecret[];
  /** Wall-clock time in ms. */
  readonly now: number;
  readonly toleranceMs: number;
}

/** @returns the secret that the message was signed with; nothing for one that is forged, or old, or from the future (CWE-345, CWE-294). */
export const verify = ({ signatures, signed, sentAt }: Claim, { scheme, secrets, now, toleranceMs }: Given): WebhookSecret | undefined => {
  if (sentAt !== undefined && !isNear(sentAt, now, toleranceMs)) return undefined; // protect: Q482
  return secrets.find((secret) => now <= secret.until && isSignedWith(secret, signed, signatures, scheme)); // protect: Q482 (now <= secret.until && -> )
};

const isNear = (seconds: string, now: number, toleranceMs: number): boolean => /^\d{1,12}$/.test(seconds) && Math.abs(now - Number(seconds) * 1000) <= toleranceMs; // protect: Q482 (Math.abs(now - Number(seconds) * 1000) -> now - Number(seconds) * 1000)

const isSignedWith = ({ key }: WebhookSecret, signed: Claim['signed'], signatures: readonly string[], { algorithm, encoding }: Given['scheme']): boolean => {
  const mac = createHmac(algorithm, key);
  for (const piece of signed) mac.update(piece);
  const expected = Buffer.from(mac.digest(encoding));
  return signatures.some((signature) => isSame(Buffer.from(signature), expected)); // protect: Q482 (isSame(Buffer.from(signature), expected) -> true)
};

/** In a time that tells nothing of where they differ (CWE-208, ASVS V11.2.4). */
const isSame = (sent: Buffer, expected: Buffer): boolean => sent.length === expected.length && timingSafeEqual(sent, expected);
