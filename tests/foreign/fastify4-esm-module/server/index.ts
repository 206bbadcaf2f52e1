import type { FastifyInstance } from 'fastify';
import createFastify from 'fastify';

let app: FastifyInstance;
app = createFastify({
	logger: false,
});
app.get('/hello', async () => ({ hello: 'world' }));
app.post('/echo', async (request) => request.body);
app.get('/fails', async () => {
	throw new Error('password of the database is hunter2');
});

await app.listen({ port: Number(process.env.PORT) });
