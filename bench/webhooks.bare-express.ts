import express from 'express';
import Stripe from 'stripe';

/** Takes a message as it came and answers, on Express with nothing around it; `/sdk` verifies it with the SDK of the sender. */
const { STRIPE_SECRET: secret = '', PORT } = process.env;
const { webhooks } = new Stripe('sk_test_none');

const app = express();
app.use(express.raw({ type: 'application/json' }));
app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
app.post('/webhooks/stripe', (_request, response) => void response.status(204).end());
app.post('/sdk', ({ body, headers }, response) => {
  if (!Buffer.isBuffer(body)) throw new TypeError('There is no body.');
  webhooks.constructEvent(body, headers['stripe-signature'] ?? '', secret);
  response.status(204).end();
});
app.listen(Number(PORT), '127.0.0.1');
