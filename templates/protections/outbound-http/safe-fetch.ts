import { Client } from 'undici';
import type { AppContext } from '#src/context.ts';
import { perApp } from '#src/protections/app-core/per-app.ts';
import { isPublicAddress } from './addresses.ts';
import { connectorFor } from './connector.ts';
import { type Destinations, destinationOf, destinationsOf } from './destination.ts';
import { type Answered, type OutboundHeaders, type OutboundMethod, type Outgoing, exchange } from './exchange.ts';
import { networkOf } from './network.ts';
import { OutboundError, refused, toOutboundError } from './outbound-error.ts';
import { Slots } from './slots.ts';

export interface FetchOptions {
  /** `GET` unless said. */
  readonly method?: OutboundMethod;
  readonly headers?: OutboundHeaders;
  readonly body?: string | Uint8Array;
  /**
   * `listed`, unless said: the hosts of OUTBOUND_HOSTS. `public`: every host of the internet, for what users may point
   * anywhere, such as their webhooks.
   */
  readonly reach?: 'listed' | 'public';
  /** Less, or more, than OUTBOUND_MAX_BYTES. */
  readonly maxBytes?: number;
  /** Less, or more, than OUTBOUND_DEADLINE_MS, for everything together: names, redirects, the answer. */
  readonly deadlineMs?: number;
  /** Ends the call early, for example the `signal` of a request context. */
  readonly signal?: AbortSignal;
}

export interface Fetched extends Answered {
  /** Where the answer came from, behind all redirects. */
  readonly url: string;
}

const mostRedirects = 3;

const slotsOf = perApp(({ config }) => new Slots(config.OUTBOUND_CONCURRENCY));

/**
 * Calls a URL that is not a constant of ours. It leads to a public address over https, or nowhere: names, redirects and
 * addresses are checked where the connection is made (CWE-918, ASVS V1.3.6). An answer of any status is an answer, and
 * untrusted: a page of it must not be passed on as one of ours.
 * @throws OutboundError when there is none.
 */
export const safeFetch = (app: AppContext, url: string, options: FetchOptions = {}): Promise<Fetched> =>
  slotsOf(app).run(async () => {
    try {
      return await fetchThrough(app, url, options);
    } catch (error) {
      const failure = toOutboundError(error);
      // Host names only: the rest of a URL may hold secrets.
      app.log.warn({ outbound: { host: URL.parse(url)?.hostname, reason: failure.reason, why: wordsOf(failure.cause) } }, 'a call to another system failed');
      throw failure;
    }
  });

const wordsOf = (cause: unknown): string | undefined => (cause instanceof Error ? cause.message : undefined);

const fetchThrough = (app: AppContext, text: string, options: FetchOptions): Promise<Fetched> => {
  const { config } = app;
  const { method = 'GET', headers = {}, body, reach = 'listed', maxBytes = config.OUTBOUND_MAX_BYTES, deadlineMs = config.OUTBOUND_DEADLINE_MS } = options;
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  const destinations = destinationsOf(config, reach);
  const url = destinationOf(text, destinations);
  return follow({ app, destinations, deadlineMs }, { method, url, headers, body, maxBytes, signal }, mostRedirects);
};

interface Journey {
  readonly app: AppContext;
  readonly destinations: Destinations;
  readonly deadlineMs: number;
}

/** Sends a request and goes where its answer points, `left` times at most. */
const follow = async (journey: Journey, request: Outgoing, left: number): Promise<Fetched> => {
  const answer = await send(journey, request);
  const location = answer.status >= 300 && answer.status < 400 ? answer.headers['location'] : undefined;
  if (location === undefined) return { ...answer, url: request.url.href };
  if (left === 0) throw refused('too many redirects'); // protect: Q451
  // What changes something must not be done elsewhere because somebody points there.
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new OutboundError('redirected', { answered: answer.status }); // protect: Q451
  const url = destinationOf(location, journey.destinations, request.url.href);
  // A key in a header of any name is for the host that it was given for (CWE-522).
  const headers = url.origin === request.url.origin ? request.headers : {}; // protect: Q451 (url.origin === request.url.origin ? request.headers : {} -> request.headers)
  return follow(journey, { ...request, url, headers }, left - 1);
};

/** A connection of its own for each request: nothing of one stranger's host is kept for the next call. */
const send = async ({ app, deadlineMs }: Journey, request: Outgoing): Promise<Answered> => {
  const network = networkOf(app);
  const connect = connectorFor({ network, admits: isPublicAddress, authorities: network.authorities, deadlineMs });
  const client = new Client(request.url.origin, { connect, allowH2: false, pipelining: 0 });
  try {
    return await exchange(client, request);
  } finally {
    await client.destroy();
  }
};
