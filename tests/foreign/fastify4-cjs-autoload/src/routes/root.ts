import { FastifyPluginAsync } from 'fastify';

const root: FastifyPluginAsync = async (fastify): Promise<void> => {
  fastify.get('/hello', async () => ({ hello: 'world' }));
  fastify.post('/echo', async (request) => request.body);
  fastify.get('/fails', async () => { throw new Error('password of the database is hunter2'); });
};

export default root;
