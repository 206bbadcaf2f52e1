import { hash, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { Config } from '#src/config.ts';
import type { IdentityProvider } from '../app-core/routing.ts';

/** The role of machines; never give it to a user. */
export const serviceRole = 'service';

const internal = new WeakSet<IncomingMessage>();

/** True for a request that came in through the internal listener. Nothing in the request itself can claim it. */
export const isInternal = (request: IncomingMessage): boolean => internal.has(request);

/**
 * Opens the internal listener beside the public one and closes it with it. An address is no proof of identity: behind a
 * proxy everybody comes from the same one. So it is a listener of its own, and a token on top.
 */
export const openInternalListener = (server: Server, { INTERNAL_URL }: Config): Server | undefined => {
  if (INTERNAL_URL === undefined) return undefined;
  const { hostname, port } = new URL(INTERNAL_URL);
  const listener = createServer(
    { joinDuplicateHeaders: true, maxHeaderSize: 16_384, connectionsCheckingInterval: 1000 },
    (request, response) => {
      internal.add(request);
      server.emit('request', request, response);
    },
  );
  server.once('listening', () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout, maxRequestsPerSocket } = server;
    Object.assign(listener, { headersTimeout, requestTimeout, keepAliveTimeout, maxRequestsPerSocket });
    listener.listen(Number(port), hostname.replace(/^\[|\]$/g, ''));
  });
  server.once('close', () => {
    listener.close();
    listener.closeAllConnections();
  });
  return listener;
};

/** Knows the services: whoever shows the token on the internal listener. */
export const serviceIdentity = ({ INTERNAL_TOKEN = '' }: Config): IdentityProvider => {
  const expected = hash('sha256', `Bearer ${INTERNAL_TOKEN}`, 'buffer');
  return (request) => {
    if (!isInternal(request) || INTERNAL_TOKEN === '') return undefined;
    const shown = hash('sha256', request.headers.authorization ?? '', 'buffer');
    // protect: Q463 (timingSafeEqual(shown, expected) -> shown.length > 0)
    return timingSafeEqual(shown, expected) ? { id: 'internal', roles: [serviceRole] } : undefined;
  };
};
