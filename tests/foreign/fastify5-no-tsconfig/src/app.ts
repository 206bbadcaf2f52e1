import Fastify from 'fastify';

const app = Fastify();
app.get('/hello', () => ({ hello: 'world' }));
await app.listen({ port: Number(process.env['PORT']) });
