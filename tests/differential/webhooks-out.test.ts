import { randomUUID } from 'node:crypto';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { newSecret, signedHeaders } from '../../templates/protections/webhooks-out/sign.ts';

describe('outgoing messages, as standardwebhooks verifies them', () => {
  const bodies = ['{"type":"x","data":{}}', '{"type":"x","data":{"name":"größer 😀","n":1.50}}', `{"long":"${'x'.repeat(20_000)}"}`];

  test.each(bodies)('%.40s', (body) => {
    for (let round = 0; round < 50; round += 1) {
      const [secret, before, other] = [newSecret(), newSecret(), newSecret()];
      const headers = signedHeaders({ id: `msg_${randomUUID()}`, now: Date.now() - round * 5000, body }, [secret, before]);
      // While a secret is renewed, receivers with either believe it.
      for (const known of [secret, before]) expect(new Webhook(known).verify(body, headers)).toEqual(JSON.parse(body));
      expect(() => new Webhook(other).verify(body, headers)).toThrow(WebhookVerificationError);
      expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow(WebhookVerificationError);
      const later = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) };
      expect(() => new Webhook(secret).verify(body, later)).toThrow(WebhookVerificationError);
    }
  });

  test('the example of the specification', () => {
    const given = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', now: 1_614_265_330_000, body: '{"test": 2432232314}' };
    expect(signedHeaders(given, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('secrets have 256 bits, and no two are alike', () => {
    const secrets = Array.from({ length: 100 }, newSecret);
    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32);
  });
});
