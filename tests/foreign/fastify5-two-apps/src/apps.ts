import { fastify } from 'fastify';

export function buildPublic() {
  const app = fastify();
  app.get('/hello', () => ({ hello: 'world' }));
  app.post('/echo', (request) => request.body);
  app.get('/fails', () => { throw new Error('password of the database is hunter2'); });
  return app;
}

export function buildAdmin() {
  const server = fastify({ logger: false });
  server.get('/hello', () => ({ hello: 'admin' }));
  return server;
}
