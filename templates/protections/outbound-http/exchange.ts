import type { Dispatcher } from 'undici';
import { OutboundError } from './outbound-error.ts';
import { acceptedCoding, readBody } from './read-body.ts';

export type OutboundMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type OutboundHeaders = Readonly<Record<string, string>>;

/** One request, to where its dispatcher connects. */
export interface Outgoing {
  readonly method: OutboundMethod;
  readonly url: URL;
  readonly headers: OutboundHeaders;
  readonly body: string | Uint8Array | undefined;
  readonly maxBytes: number;
  /** Ends it, the reading of the answer included. */
  readonly signal: AbortSignal;
}

/** What another system answered. Untrusted, like everything from outside. */
export interface Answered {
  readonly status: number;
  /** Names in lower case; a header that came twice has both values, apart by commas. */
  readonly headers: OutboundHeaders;
  readonly body: Buffer;
}

/** What a server accepts at most, roughly: Node's own limit for all headers is twice that (ASVS V4.2.5). */
const longestHeaders = 8192;

/** Headers that say where a message goes and where it ends: a caller who sets them speaks to another host (CWE-444). */
const reserved: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', 'expect', 'te', 'trailer']);

/** Sends one request and reads its answer. Follows nothing, repeats nothing. */
export const exchange = async (dispatcher: Dispatcher, { url, method, headers, body, maxBytes, signal }: Outgoing): Promise<Answered> => {
  const { origin, pathname, search } = url;
  const answer = await dispatcher.request({
    origin,
    path: pathname + search,
    method,
    headers: { 'accept-encoding': acceptedCoding, ...checked(headers) },
    body: body ?? null,
    signal,
  });
  const received = joined(answer.headers);
  return { status: answer.statusCode, headers: received, body: await readBody(answer.body, received['content-encoding'], maxBytes) };
};

/** @throws OutboundError for headers that are not the caller's to set, or too long. */
const checked = (headers: OutboundHeaders): OutboundHeaders => {
  const entries = Object.entries(headers);
  if (entries.some(([name]) => reserved.has(name.toLowerCase()))) throw new OutboundError('refused', { cause: new Error('a reserved header') }); // protect: Q451
  const length = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (length > longestHeaders) throw new OutboundError('unsendable'); // protect: Q477
  return headers;
};

const joined = (headers: Readonly<Record<string, string | string[] | undefined>>): OutboundHeaders =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]])));
