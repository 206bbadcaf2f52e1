import type { IncomingMessage } from 'node:http';
import type { AppContext } from '#src/context.ts';
import { contextOf } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { networkOf } from './client.ts';
import { SlidingWindow } from './sliding-window.ts';

/** 429 with the seconds to wait (RFC 6585 section 4, RFC 9110 section 10.2.3). */
export const tooMany = (waitMs: number, close = false): Problem => {
  const wait = { 'retry-after': String(Math.ceil(waitMs / 1000)) };
  return new Problem(429, { headers: close ? { ...wait, connection: 'close' } : wait, close });
};

const announcesBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] !== undefined && headers['content-length'] !== '0');

/**
 * The limit on everything that one client sends, also to paths that do not exist. Kept in the process: it protects this
 * process, and it must cost nothing while a shared store is slow.
 */
export const limitClients = ({ config, clock }: Pick<AppContext, 'config' | 'clock'>): ((request: IncomingMessage) => Problem | undefined) => {
  const window = new SlidingWindow({ limit: config.RATE_LIMIT_REQUESTS, windowMs: config.RATE_LIMIT_WINDOW_MS });
  return (request) => {
    const waitMs = window.take(networkOf(contextOf(request).clientIp), clock.monotonic());
    // Without the close Node would read the rest of a refused body, to use the connection again.
    return waitMs === 0 ? undefined : tooMany(waitMs, announcesBody(request)); // protect: Q429 (announcesBody(request) -> false)
  };
};
