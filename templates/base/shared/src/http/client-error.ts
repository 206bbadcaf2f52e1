import { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem } from '#src/protections/app-core/problem.ts';

/** What Node's parser reports, other than 400. */
const statusByCode: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

type WireHeaders = Readonly<Record<string, string>>;

/**
 * Answers what never became a request: a message that does not parse, a head that is too long or too slow.
 * The connection ends with it: where the next message starts can no longer be known (CWE-444).
 */
export const answerClientError = (bindings: readonly { readonly wireHeaders?: WireHeaders }[]) => {
  const headers = bindings.reduce<WireHeaders>((all, { wireHeaders }) => ({ ...all, ...wireHeaders }), {});
  return (error: NodeJS.ErrnoException, socket: Duplex): void => {
    if (error.code !== 'ECONNRESET' && socket.writable && !isAnswering(socket)) {
      socket.write(toMessage(new Problem(statusByCode[error.code ?? ''] ?? 400), headers));
    }
    socket.destroy();
  };
};

/** True when an answer has begun on this socket: more bytes would become part of it. Node's own handler looks there too. */
const isAnswering = (socket: Duplex): boolean => {
  const answer: unknown = Reflect.get(socket, '_httpMessage');
  return answer instanceof ServerResponse && answer.headersSent;
};

const toMessage = (problem: Problem, wireHeaders: WireHeaders): string => {
  const body = JSON.stringify(problem);
  const headers: WireHeaders = {
    ...wireHeaders,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join('')}\r\n${body}`;
};
