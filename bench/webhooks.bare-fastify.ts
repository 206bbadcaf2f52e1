import Fastify from 'fastify';
import Stripe from 'stripe';

/** Takes a message as it came and answers, on Fastify with nothing around it; `/sdk` verifies it with the SDK of the sender. */
const { STRIPE_SECRET: secret = '', PORT } = process.env;
const { webhooks } = new Stripe('sk_test_none');

const app = Fastify();
app.removeContentTypeParser('application/json');
app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.get('/healthz', async (_request, reply) => reply.send({ status: 'ok' }));
app.post<{ Body: Buffer }>('/webhooks/stripe', async (_request, reply) => reply.code(204).send());
app.post<{ Body: Buffer }>('/sdk', async ({ body, headers }, reply) => {
  webhooks.constructEvent(body, headers['stripe-signature'] ?? '', secret);
  return reply.code(204).send();
});
await app.listen({ host: '127.0.0.1', port: Number(PORT) });
