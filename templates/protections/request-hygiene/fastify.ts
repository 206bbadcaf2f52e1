import type { Binding } from '#src/http/binding.ts';
import { checkMessage, endsConnection } from './core.ts';
import { checkHeaders } from './header-value.ts';
import { nodeServerOptions } from './limits.ts';

/** Messages that end where everybody thinks they end, in time; answers whose headers are headers. */
export const requestHygiene = (): Binding => ({
  id: 'request-hygiene',
  requires: ['app-core'],
  server: (config) => ({
    http: nodeServerOptions(config),
    // Without these Fastify sets 0, 72 s and 0, which switches Node's own limits off.
    requestTimeout: config.REQUEST_TIMEOUT_MS, // protect: Q443
    keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT_MS, // protect: Q443
    connectionTimeout: config.SOCKET_TIMEOUT_MS, // protect: Q443
    maxRequestsPerSocket: config.MAX_REQUESTS_PER_SOCKET, // protect: Q443
    forceCloseConnections: 'idle',
  }),
  install: (app, { routing }) => {
    app.addHook('onRequest', ({ raw }, _reply, done) => done(checkMessage(raw)));
    app.addHook('onError', (_request, reply, error, done) => {
      if (endsConnection(error)) reply.raw.shouldKeepAlive = false;
      done();
    });
    routing.inspect(({ headers }) => checkHeaders(headers)); // protect: Q407
  },
});
