import Fastify from 'fastify';
import { readDocument } from './bare-database.ts';

/** The same routes as the emitted app's, on Fastify with nothing around them. */
const app = Fastify();
app.get('/healthz', async (_request, reply) => reply.send({ status: 'ok' }));
app.get<{ Params: { id: string } }>('/api/v1/documents/:id', async ({ params }, reply) => reply.send(await readDocument(params.id)));
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
