import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RoutePolicy } from './route.ts';

/** Who acts. Set by the identity guards, read by everything after them. */
export interface Actor {
  readonly id: string;
  readonly roles: readonly string[];
  readonly tenant?: string;
  /** The id of the API key that was shown, never the key itself. */
  readonly apiKey?: string;
}

/** The request is over, or there never was one. */
export class NoRequestContext extends Error {
  constructor() {
    super('There is no request: this code runs outside of one, or after its response ended.');
    this.name = 'NoRequestContext';
  }
}

/** What lives as long as one request. Never shared: a new object for each. */
export class RequestContext {
  #id: string | undefined;
  /** Monotonic time of arrival, ms. */
  readonly startedAt: number;
  /** The address of the client; behind a trusted proxy the one it reported. */
  clientIp: string;
  /** How the client reached the app; behind a trusted proxy the scheme it reported. */
  scheme: 'http' | 'https';
  /** The matched route; undefined until one matched. */
  route: RoutePolicy | undefined;
  #actor: Actor | undefined;
  #ended = false;
  #abort: AbortController | undefined;
  #releases: (() => void)[] | undefined;
  #cookies: string[] | undefined;

  constructor(request: IncomingMessage, startedAt: number) {
    this.startedAt = startedAt;
    this.clientIp = request.socket.remoteAddress ?? '';
    this.scheme = 'encrypted' in request.socket ? 'https' : 'http';
  }

  /** The request id, for the log and for the answer to a failure. */
  get id(): string {
    return (this.#id ??= randomUUID());
  }

  get actor(): Actor | undefined {
    this.#assertOpen();
    return this.#actor;
  }

  set actor(actor: Actor | undefined) {
    this.#assertOpen();
    this.#actor = actor;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Fires when the response ended or the client left: pass it to whatever takes time. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#ended) this.#abort.abort();
    return this.#abort.signal;
  }

  /** `Set-Cookie` lines of the answer, one a cookie; undefined as long as there is none. */
  get cookies(): readonly string[] | undefined {
    return this.#cookies;
  }

  /** Adds a `Set-Cookie` line, made with `serializeCookie`; a line for the same name replaces the one before. */
  setCookie(line: string): void {
    this.#assertOpen();
    const name = line.slice(0, line.indexOf('=') + 1);
    this.#cookies = [...(this.#cookies ?? []).filter((other) => !other.startsWith(name)), line];
  }

  /** Runs `release` when the response ended, whatever its outcome; the context can still be read then, for the last time. */
  defer(release: () => void): void {
    this.#assertOpen();
    (this.#releases ??= []).unshift(release);
  }

  /** Ends the request: later use of this object throws. Called once, by the binding. */
  end(): void {
    if (this.#ended) return;
    try {
      this.#releases?.forEach((release) => release());
    } finally {
      this.#ended = true;
      this.#abort?.abort();
    }
  }

  #assertOpen(): void {
    if (this.#ended) throw new NoRequestContext(); // protect: G4
  }
}

/** A property and not a WeakMap: the garbage collector visits every entry of those, for every request. */
const contextKey: unique symbol = Symbol('context');

declare module 'node:http' {
  interface IncomingMessage {
    [contextKey]?: RequestContext;
  }
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Creates the context of a request and ends it when the response is over or the client left. */
export const openContext = (request: IncomingMessage, response: ServerResponse, startedAt: number): RequestContext => {
  const context = new RequestContext(request, startedAt);
  request[contextKey] = context;
  response.on('close', endContext);
  return context;
};

/** One function for all responses, which saves a closure for each. */
function endContext(this: ServerResponse): void {
  this.req[contextKey]?.end();
}

/**
 * The context of `request`, for code that holds the request.
 * @throws NoRequestContext when `app-core` did not see this request.
 */
export const contextOf = (request: IncomingMessage): RequestContext => {
  const context = request[contextKey];
  if (context === undefined) throw new NoRequestContext();
  return context;
};

/** The context of `request`; undefined when `app-core` never saw it, as with what Node answers by itself. */
export const findContext = (request: IncomingMessage): RequestContext | undefined => request[contextKey];

/** Runs the route of a request; whatever it awaits sees this context and no other (Q403). */
export const runInContext = <T>(context: RequestContext, run: () => T): T => storage.run(context, run);

/**
 * The context of the request that this code belongs to, for code that does not hold it.
 * @throws NoRequestContext outside a request and after its response.
 */
export const currentContext = (): RequestContext => {
  const context = storage.getStore();
  if (context === undefined || context.ended) throw new NoRequestContext(); // protect: Q403
  return context;
};

/** A typed value that belongs to one request, for example the tenant or the open transaction. */
export class ContextKey<T> {
  readonly #values = new WeakMap<RequestContext, T>();

  get(context: RequestContext): T | undefined {
    return this.#values.get(context);
  }

  set(context: RequestContext, value: T): void {
    this.#values.set(context, value);
  }
}
