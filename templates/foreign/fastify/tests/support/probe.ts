import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import type { AppContext } from '#src/context.ts';
import type { Parts } from '#src/http/assemble.ts';
import { secureApp } from '#src/index.ts';

interface Listening {
  readonly context: AppContext;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** An app with a page, data, a change and a failure. */
export const listen = async (parts: Parts): Promise<Listening> => {
  const app = Fastify({ forceCloseConnections: true });
  const context = secureApp(app, parts);
  app.get('/data', () => ({ ok: true }));
  app.post('/data', (_request, reply) => reply.code(201).send({ ok: true }));
  app.get('/page', (_request, reply) => reply.type('text/html; charset=utf-8').send('<h1>hello</h1>'));
  app.get('/fails', () => {
    throw new Error('relation "users" does not exist at /srv/app/db.ts');
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address: AddressInfo | string | null = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
  return { context, port: address.port, close: async () => app.close() };
};
