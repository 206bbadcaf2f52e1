import type { NextFunction, Request, Response } from 'express';
import type { Binding } from '#src/http/binding.ts';
import { checkMessage, endsConnection } from './core.ts';
import { checkHeaders } from './header-value.ts';
import { nodeServerOptions } from './limits.ts';

/** Messages that end where everybody thinks they end, in time; answers whose headers are headers. */
export const requestHygiene = (): Binding => ({
  id: 'request-hygiene',
  requires: ['app-core'],
  server: (config) => ({
    ...nodeServerOptions(config),
    requestTimeout: config.REQUEST_TIMEOUT_MS, // protect: Q443
    keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT_MS, // protect: Q443
  }),
  install: (app, { routing, config }, server) => {
    server.setTimeout(config.SOCKET_TIMEOUT_MS); // protect: Q443
    Object.assign(server, { maxRequestsPerSocket: config.MAX_REQUESTS_PER_SOCKET }); // protect: Q443
    app.use((request, _response, next) => next(checkMessage(request)));
    routing.inspect(({ headers }) => checkHeaders(headers)); // protect: Q407
  },
  installLast: (app) => {
    app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
      if (endsConnection(error)) response.shouldKeepAlive = false;
      next(error);
    });
  },
});
