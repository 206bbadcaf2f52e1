import type { IncomingMessage } from 'node:http';
import { Problem } from '../app-core/problem.ts';

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const allow = [...methods].join(', ');

/** Paths that a router, a proxy and a file system read differently: `//`, `/./`, `/..`, `\`, `#`, NUL, and the same encoded. */
const ambiguousPath = /\/\/|[\\#]|%00|%5c|\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** Connections whose last message was refused with `close`: Node has parsed, and would serve, what was sent behind it. */
const ended = new WeakSet<object>();

/**
 * Looks at the head of a request before anything else does (RFC 9112, ASVS V4.2). Refuses with `close` where the end of
 * the message is in doubt: what follows on the connection could be the tail of an attack (CWE-444).
 * @returns the refusal, or nothing.
 */
export const checkMessage = (request: IncomingMessage): Problem | undefined => {
  const problem = faultOf(request);
  if (problem?.close === true) ended.add(request.socket); // protect: Q443
  return problem;
};

const faultOf = ({ method = '', url = '', headers, httpVersionMinor, socket }: IncomingMessage): Problem | undefined => {
  const encoding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (ended.has(socket)) return new Problem(400, { detail: 'The connection has ended.', close: true });
  // TRACE echoes cookies (CWE-693, XST); a method nobody expects is one nobody guards.
  if (!methods.has(method)) return new Problem(405, { headers: { allow }, close: true }); // protect: Q443
  if (encoding !== undefined) {
    // protect: Q443
    if (encoding.toLowerCase() !== 'chunked') return new Problem(400, { detail: 'The transfer coding is not chunked alone.', close: true });
    if (httpVersionMinor === 0) return new Problem(400, { detail: 'HTTP/1.0 knows no transfer coding.', close: true }); // protect: Q443
  }
  // A body that gets no meaning is a second request to a proxy that does not expect it (RFC 9110 section 9.3.1).
  const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
  // protect: Q443
  if (hasBody && (method === 'GET' || method === 'HEAD')) return new Problem(400, { detail: 'This method takes no body.', close: true });
  if (ambiguousPath.test(pathOf(url))) return new Problem(400, { detail: 'The path is ambiguous.' }); // protect: Q443
  return undefined;
};

/** The query may hold anything: it names no place. */
const pathOf = (url: string): string => {
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
};

/** True when the rest of the request would only be read to be thrown away: the connection ends instead. */
export const endsConnection = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  (('close' in error && error.close === true) || ('statusCode' in error && error.statusCode === 413));
