import { type BinaryToTextEncoding, createHmac } from 'node:crypto';

/** A message as its sender sends it. */
export interface Sent {
  readonly headers: Record<string, string | string[]>;
  readonly body: string;
}

/** What a sender chooses: its secret and the time, in seconds. */
export interface Signing {
  readonly secret: string;
  readonly at: number;
}

const sign = (key: string | Buffer, text: string, encoding: BinaryToTextEncoding, algorithm = 'sha256'): string => createHmac(algorithm, key).update(text).digest(encoding);

const json = { 'content-type': 'application/json' };

/** https://www.standardwebhooks.com */
export const standardMessage = (body: string, { secret, at }: Signing, id: string): Sent => {
  const signature = sign(Buffer.from(secret.replace('whsec_', ''), 'base64'), `${id}.${at}.${body}`, 'base64');
  return { headers: { ...json, 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` }, body };
};

/** https://docs.stripe.com/webhooks#verify-manually */
export const stripeMessage = (body: string, { secret, at }: Signing): Sent => ({
  headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': `t=${at},v0=00,v1=${sign(secret, `${at}.${body}`, 'hex')}` },
  body,
});

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
export const githubMessage = (body: string, secret: string, event: string, delivery: string): Sent => ({
  headers: { ...json, 'x-github-event': event, 'x-github-delivery': delivery, 'x-hub-signature-256': `sha256=${sign(secret, body, 'hex')}` },
  body,
});

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const slackMessage = (body: string, { secret, at }: Signing, type = 'application/json'): Sent => ({
  headers: { 'content-type': type, 'x-slack-request-timestamp': String(at), 'x-slack-signature': `v0=${sign(secret, `v0:${at}:${body}`, 'hex')}` },
  body,
});

/** A scheme of nobody in particular. */
export const acmeMessage = (body: string, { secret, at }: Signing): Sent => ({
  headers: { ...json, 'x-acme-time': String(at), 'x-acme-signature': `v9=${sign(secret, `${at}\n${body}`, 'base64', 'sha512')}` },
  body,
});
