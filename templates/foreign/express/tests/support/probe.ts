import express from 'express';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AppContext } from '#src/context.ts';
import type { Parts } from '#src/http/assemble.ts';
import { secureApp, secureErrors } from '#src/index.ts';

interface Listening {
  readonly context: AppContext;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** An app with a page, data, a change and a failure. */
export const listen = async (parts: Parts): Promise<Listening> => {
  const app = express();
  const context = secureApp(app, parts);
  app.get('/data', (_request, response) => void response.json({ ok: true }));
  app.post('/data', (_request, response) => void response.status(201).json({ ok: true }));
  app.get('/page', (_request, response) => void response.type('html').send('<h1>hello</h1>'));
  app.get('/fails', () => {
    throw new Error('relation "users" does not exist at /srv/app/db.ts');
  });
  secureErrors(app);
  const server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { context, port: address.port, close };
};
