import { createHmac, randomBytes } from 'node:crypto';
import path from 'node:path';
import { type Target, targets } from '../src/manifest.ts';
import { allProtections, close, emitApp } from '../tests/emitted/emitted-app.ts';
import type { Question } from './client.ts';
import { cellsOf, loadInTurn, printHead, printRow, raisedLimits, start, stop } from './servers.ts';

/**
 * `node bench/webhooks.ts [rounds] [seconds]`: emitted apps that verify signed messages of Stripe, with what webhooks need and with every
 * protection, against a bare server of the same framework that only takes them, and against one that verifies them with the SDK of
 * Stripe; in turn, without the access log and without looking for jobs. The message is of a kind that nobody asked for: verified and
 * read, and no database.
 */
const [rounds = '9', seconds = '1'] = process.argv.slice(2);

const secret = `whsec_${randomBytes(24).toString('hex')}`;
const lines = Array.from({ length: 20 }, (_, index) => ({ id: `li_${index}`, amount: 100 * index, description: 'A line of an invoice, as long as they are' }));
const body = JSON.stringify({ id: 'evt_bench', object: 'event', type: 'invoice.upcoming', created: 1, data: { object: { id: 'in_1', lines } } });

/** A signature lives for five minutes: longer than the rounds of one target. */
const messageTo = (target: string): Question => {
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return { path: target, headers: { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` }, body };
};

const settings = { ...raisedLimits, ACCESS_LOG: 'off', LOG_LEVEL: 'warn', JOBS_CONCURRENCY: '0', WEBHOOK_SECRETS: `stripe:${secret}` };

const measure = async (target: Target): Promise<void> => {
  const bare = await start(`bare ${target}`, import.meta.dirname, `webhooks.bare-${target}.ts`, { STRIPE_SECRET: secret });
  const appOf = (name: string, protections: readonly string[]) =>
    start(`${target}, ${name}`, emitApp(`webhooks-${name}`, target, protections).directory, path.join('src', 'server.ts'), settings);
  const [alone, all] = [await appOf('alone', close(['webhooks'])), await appOf('all', allProtections)];
  const [taken, verified] = [messageTo('/webhooks/stripe'), messageTo('/sdk')];
  const contestants = [
    { name: 'bare, not verified', server: bare, question: taken },
    { name: 'bare, SDK of Stripe', server: bare, question: verified },
    { name: 'app, `webhooks` alone', server: alone, question: taken },
    { name: 'app, every protection', server: all, question: taken },
  ];
  const loads = await loadInTurn(contestants, Number(rounds), Number(seconds));
  for (const [index, { name }] of contestants.entries()) printRow([target, name, ...cellsOf(loads[0] ?? [], loads[index] ?? [])]);
  for (const server of [bare, alone, all]) stop(server);
};

printHead(['target', `a message of ${Buffer.byteLength(body)} bytes`, 'messages/s', 'to bare', 'CPU, µs', 'bare / this']);
for (const target of targets) await measure(target);
