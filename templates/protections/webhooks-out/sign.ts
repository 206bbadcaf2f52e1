import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';

/** A secret of Standard Webhooks: 32 random bytes in base64 behind `whsec_`. */
export const newSecret = (): string => prefix + randomBytes(32).toString('base64');

/** The signature of a message by Standard Webhooks, `v1`: HMAC-SHA-256 over its id, its time in seconds and its body. */
const signatureOf = (secret: string, signed: string): string => `v1,${createHmac('sha256', Buffer.from(secret.slice(prefix.length), 'base64')).update(signed).digest('base64')}`;

/** One attempt to deliver a message. */
export interface Signed {
  readonly id: string;
  /** Wall-clock time in ms; that of the attempt, since receivers refuse old messages. */
  readonly now: number;
  readonly body: string;
}

/** The headers of an attempt, with a signature for each secret that counts. */
export const signedHeaders = ({ id, now, body }: Signed, secrets: readonly string[]): Record<string, string> => {
  const at = String(Math.floor(now / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': at,
    'webhook-signature': secrets.map((secret) => signatureOf(secret, `${id}.${at}.${body}`)).join(' '),
  };
};
