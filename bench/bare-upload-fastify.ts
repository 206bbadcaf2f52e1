import Fastify from 'fastify';
import { takeFile } from './bare-upload.ts';

/** A bare streaming upload on Fastify. */
const app = Fastify();
app.addContentTypeParser('multipart/form-data', (_request, _body, done) => done(null));
app.get('/healthz', async (_request, reply) => reply.send({ status: 'ok' }));
app.post('/api/v1/files', async ({ raw }, reply) => {
  await takeFile(raw);
  return reply.code(201).send({});
});
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
