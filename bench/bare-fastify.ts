import Fastify from 'fastify';

/** The same route as the emitted app's `/healthz`, on Fastify with nothing around it. */
const app = Fastify();
app.get('/healthz', async (_request, reply) => reply.send({ status: 'ok' }));
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
