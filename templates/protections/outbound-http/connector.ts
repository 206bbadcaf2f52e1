import { once } from 'node:events';
import { type LookupFunction, type Socket, isIP } from 'node:net';
import { type ConnectionOptions, type TLSSocket, connect as connectTls } from 'node:tls';
import { callbackify } from 'node:util';
import type { buildConnector } from 'undici';
import type { Network } from './network.ts';
import { refused } from './outbound-error.ts';

/** How connections are made. */
export interface Route {
  readonly network: Network;
  /** Whether an address may be connected to. */
  readonly admits: (address: string) => boolean;
  /** PEM certificates that are trusted instead of those of Node. */
  readonly authorities: readonly string[] | undefined;
  /** A connection that takes longer is given up, ms. */
  readonly deadlineMs: number;
}

/**
 * Connects for undici, to addresses that were checked: a name is resolved once, every answer is looked at, and the
 * connection goes to these very addresses. A name that is checked first and resolved again for the connection leads to
 * another place the second time (DNS rebinding, CWE-367). Redirects, retries and whatever else connects come through here.
 */
export const connectorFor =
  (route: Route): buildConnector.connector =>
  ({ hostname, port }, callback) =>
    // The port is empty where the URL says none.
    openByCallback(route, hostname, port === '' ? 443 : Number(port), (error, socket) => (error === null ? callback(null, socket) : callback(error, null)));

const open = async ({ network, admits, authorities, deadlineMs }: Route, hostname: string, port: number): Promise<TLSSocket> => {
  const signal = AbortSignal.timeout(deadlineMs);
  // An IP address is never looked up, so it is checked here (CWE-918).
  const addresses = isIP(hostname) === 0 ? await network.resolve(hostname, signal) : [hostname];
  signal.throwIfAborted();
  if (addresses.length === 0) throw refused('the name has no address');
  if (!addresses.every(admits)) throw refused('an address is not public'); // protect: Q451
  const lookup: LookupFunction = (_hostname, _options, done) => done(null, addresses.map((address) => ({ address, family: isIP(address) })));
  const plain = network.connect({
    host: hostname,
    port,
    autoSelectFamily: true,
    lookup, // protect: Q451
  });
  ignoreErrors(plain);
  try {
    await once(plain, 'connect', { signal });
    return await secure(hostname, { socket: plain, ...(authorities === undefined ? {} : { ca: [...authorities] }) }, signal);
  } catch (error) {
    plain.destroy();
    throw error;
  }
};

const openByCallback = callbackify(open);

/** An error that is waited for is still thrown there; one that comes after nobody waits any more must not end the process. */
const ignoreErrors = (socket: Socket): void => void socket.on('error', () => undefined);

/** The certificate is always verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says (CWE-295, ASVS V12.3.2). */
const secure = async (hostname: string, options: Pick<ConnectionOptions, 'ca' | 'socket'>, signal: AbortSignal): Promise<TLSSocket> => {
  const socket = connectTls({
    ...options,
    host: hostname,
    // An IP address is no server name (RFC 6066 section 3).
    ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true, // protect: Q477 (true -> false)
  });
  ignoreErrors(socket);
  await once(socket, 'secureConnect', { signal });
  return socket;
};
