import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { sign as signForGithub, verify as verifyForGithub } from '@octokit/webhooks-methods';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import type { Scheme } from '../../templates/protections/webhooks/scheme.ts';
import { github } from '../../templates/protections/webhooks/schemes/github.ts';
import { hmac } from '../../templates/protections/webhooks/schemes/hmac.ts';
import { slack } from '../../templates/protections/webhooks/schemes/slack.ts';
import { standardWebhooks } from '../../templates/protections/webhooks/schemes/standard-webhooks.ts';
import { stripe } from '../../templates/protections/webhooks/schemes/stripe.ts';
import { verify } from '../../templates/protections/webhooks/verify.ts';

type Headers = Readonly<Record<string, string>>;

const isGenuine = (scheme: Scheme, secret: string, headers: Headers, body: string, now = Date.now()): boolean => {
  const claim = scheme.claimOf((name) => headers[name], Buffer.from(body));
  const secrets = [{ key: createSecretKey(scheme.keyOf(secret)), until: Infinity, tag: '' }];
  return claim !== undefined && verify(claim, { scheme, secrets, now, toleranceMs: 300_000 }) !== undefined;
};

/** Whether a library takes it. */
const takes = (check: () => unknown): boolean => {
  try {
    check();
    return true;
  } catch {
    return false;
  }
};

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const random = randomNumbers(482);
const pick = <T>(choices: readonly [T, ...T[]]): T => choices[Math.floor(random() * choices.length)] ?? choices[0];
const bodies: readonly [string, ...string[]] = ['{}', '{"a":1}', '{ "a" : "größer 😀" }\n', '', '[1,2]', '{"type":"x","data":{"n":1.50}}', 'not json', '\u0000', `"${'x'.repeat(5000)}"`];
const spoilers: readonly [(text: string) => string, ...((text: string) => string)[]] = [
  (text) => text,
  (text) => `${text}0`,
  (text) => text.slice(0, -1),
  (text) => text.toUpperCase(),
  (text) => text.replace(/[a-f]/, 'g'),
  () => '',
  (text) => `x${text}`,
];

const rounds = 400;
const whsec = (): string => `whsec_${randomBytes(24 + Math.floor(random() * 40)).toString('base64')}`;

describe('what the senders themselves sign is genuine, and what they refuse is refused', () => {
  test('standardwebhooks: signatures, times, lists, other versions', () => {
    for (let round = 0; round < rounds; round += 1) {
      const [secret, other, body] = [whsec(), whsec(), pick(bodies)];
      const id = `msg_${randomBytes(8).toString('hex')}`;
      const at = Math.floor(Date.now() / 1000) + pick([0, -200, 200, -290, 290, -400, 400, 86_400]);
      const [right, wrong] = [secret, other].map((key) => new Webhook(key).sign(id, new Date(at * 1000), body));
      const signature = pick([right, `${wrong} ${right}`, `v1a,xxxx ${right}`, wrong, `${right} ${wrong}`, right?.replace('v1,', 'v2,'), '', 'v1,']) ?? '';
      const headers = { 'webhook-id': id, 'webhook-timestamp': pick([String(at), String(at), String(at), 'abc', '']), 'webhook-signature': signature };
      const theirs = takes(() => new Webhook(secret).verify(body, headers, { jsonParse: false }));
      expect(isGenuine(standardWebhooks(), secret, headers, body), JSON.stringify(headers)).toBe(theirs);
      const older = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace('webhook', 'svix'), value]));
      expect(isGenuine(standardWebhooks('svix'), secret, older, body)).toBe(theirs);
    }
  });

  test('stripe: signatures, times, several of them', () => {
    const client = new Stripe('sk_test_x');
    for (let round = 0; round < rounds; round += 1) {
      const [secret, other] = [`whsec_${randomBytes(24).toString('hex')}`, `whsec_${randomBytes(24).toString('hex')}`];
      // It refuses an empty body whoever signed it.
      const body = pick(bodies) || ' ';
      const timestamp = Math.floor(Date.now() / 1000) - pick([0, 200, 290, 400, 86_400]);
      const signedBy = (key: string): string => client.webhooks.generateTestHeaderString({ payload: body, secret: key, timestamp });
      const bySecret = signedBy(secret).replace(/^.*v1=/, '');
      const byOther = signedBy(other).replace(/^.*v1=/, '');
      const signature = pick([`t=${timestamp},v1=${bySecret}`, `t=${timestamp},v1=${byOther},v1=${bySecret},v0=${byOther}`, `t=${timestamp},v1=${byOther}`, `t=${timestamp},v0=${bySecret}`, `t=${timestamp}`, `v1=${bySecret}`, `t=${timestamp},v1=${pick(spoilers)(bySecret)}`, '']);
      const theirs = takes(() => client.webhooks.signature?.verifyHeader(body, signature, secret, 300));
      expect(isGenuine(stripe(), secret, { 'stripe-signature': signature }, body), signature).toBe(theirs);
    }
  });

  test('@octokit/webhooks-methods', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const secret = randomBytes(20).toString('hex');
      const body = `${pick(bodies)} `;
      const signature = await signForGithub(pick([secret, secret, `${secret}x`]), body);
      const sent = pick([signature, signature, `sha256=${pick(spoilers)(signature.slice(7))}`, signature.slice(7), signature.replace('256', '1')]);
      const theirs = sent === '' ? false : await verifyForGithub(secret, body, sent).catch(() => false);
      expect(isGenuine(github(), secret, { 'x-hub-signature-256': sent }, body), sent).toBe(theirs);
    }
  });

  test('slack, as its documentation computes it', () => {
    for (let round = 0; round < rounds; round += 1) {
      const secret = randomBytes(16).toString('hex');
      const body = pick(bodies);
      const now = Math.floor(Date.now() / 1000);
      const at = now - pick([0, 100, -100, 299, 301, 5000]);
      const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`;
      const sent = pick([signature, signature, pick(spoilers)(signature)]);
      expect(isGenuine(slack(), secret, { 'x-slack-request-timestamp': String(at), 'x-slack-signature': sent }, body, now * 1000), sent).toBe(sent === signature && Math.abs(now - at) <= 300);
    }
  });

  test('the generic scheme, put together as each of the four', () => {
    const [id, type] = [{ member: 'id' }, { member: 'type' }];
    const secret = randomBytes(20).toString('hex');
    const asGithub = hmac({ signature: { header: 'x-hub-signature-256', prefix: 'sha256=', encoding: 'hex' }, signs: '{body}', id, type });
    const asSlack = hmac({ signature: { header: 'x-slack-signature', prefix: 'v0=', encoding: 'hex' }, signs: 'v0:{x-slack-request-timestamp}:{body}', time: 'x-slack-request-timestamp', id, type });
    const now = Math.floor(Date.now() / 1000);
    for (const body of bodies) {
      const ofGithub = { 'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` };
      const ofSlack = { 'x-slack-request-timestamp': String(now), 'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${now}:${body}`).digest('hex')}` };
      for (const changed of ['', ' ']) {
        expect(isGenuine(asGithub, secret, ofGithub, body + changed)).toBe(isGenuine(github(), secret, ofGithub, body + changed));
        expect(isGenuine(asSlack, secret, ofSlack, body + changed)).toBe(isGenuine(slack(), secret, ofSlack, body + changed));
      }
      expect(isGenuine(asGithub, secret, ofGithub, body)).toBe(true);
      expect(isGenuine(asSlack, secret, ofSlack, body)).toBe(true);
    }
  });
});
