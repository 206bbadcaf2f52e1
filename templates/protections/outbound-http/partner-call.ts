import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Clean } from 'typebox/value';
import type { AppContext } from '#src/context.ts';
import { compileProjection } from '#src/protections/access-control/projection.ts';
import { parseJson } from '#src/protections/validation/json.ts';
import { assertStrict } from '#src/protections/validation/schema-check.ts';
import { type Answered, type OutboundHeaders, type OutboundMethod, type Outgoing, exchange } from './exchange.ts';
import { networkOf } from './network.ts';
import { OutboundError, toOutboundError } from './outbound-error.ts';
import type { Partner } from './partner.ts';
import { type Line, lineOf } from './partner-line.ts';
import { type CallValues, urlOf } from './partner-url.ts';
import { delayAfter, mayRepeat, mostAttempts } from './retries.ts';

/** One thing that a partner can be asked. */
export interface CallSpec<S extends TSchema, A extends TSchema> {
  readonly method: OutboundMethod;
  /** Below the base URL, for example `/places/:id`. */
  readonly path: string;
  /** The closed schema of what is sent as JSON; what it does not declare stays here. */
  readonly sends?: S;
  /** The closed schema of the answer; what it does not declare is dropped. `Type.Null()` for an answer without content. */
  readonly answer: A;
}

export interface CallInput<S extends TSchema> extends CallValues {
  readonly json?: Static<S>;
  /** Ends the call early, for example the `signal` of a request context. */
  readonly signal?: AbortSignal;
}

export type PartnerCall<S extends TSchema, A extends TSchema> = (app: AppContext, input?: CallInput<S>) => Promise<Static<A>>;

/**
 * Declares a call of a partner, once; the result is the typed function that makes it. It rejects with an OutboundError:
 * 502 or 503 to whoever asked, without a word of the partner's. Redirects are not followed: a key would go along.
 * @throws Error for a schema that is not strict.
 */
export const partnerCall = <S extends TSchema, A extends TSchema>(partner: Partner, spec: CallSpec<S, A>): PartnerCall<S, A> => {
  const { method, path, sends, answer } = spec;
  assertStrict({ body: answer });
  const select = sends === undefined ? undefined : compileProjection(sends, `${partner.id} ${method} ${path}`);
  const read = readerOf(answer);
  return async (app, input = {}) => {
    const line = lineOf(app, partner);
    const call: Call = { app, partner, line, spec, caller: input.signal, attempts: 0 };
    try {
      return await line.slots.run(async () => read(await withRetries(call, outgoing(app, partner, line, spec, input, select))));
    } catch (error) {
      throw reported(call, error);
    }
  };
};

interface Call {
  readonly app: AppContext;
  readonly partner: Partner;
  readonly line: Line;
  readonly spec: Pick<CallSpec<TSchema, TSchema>, 'method' | 'path'>;
  readonly caller: AbortSignal | undefined;
  attempts: number;
}

/** A refused address is no fault of whoever asked us: to them the partner cannot be reached. */
const reported = ({ app, partner, spec, attempts }: Call, error: unknown): OutboundError => {
  const failure = toOutboundError(error);
  const { reason, answered, cause } = failure;
  const why = cause instanceof Error ? cause.message : undefined;
  app.log.warn({ outbound: { partner: partner.id, method: spec.method, path: spec.path, attempts, reason, answered, why } }, 'a call to a partner failed');
  return reason === 'refused' ? new OutboundError('unreachable', { cause: failure }) : failure;
};

const outgoing = <S extends TSchema>(
  app: AppContext,
  partner: Partner,
  { deadlineMs, maxBytes }: Line,
  { method, path }: Pick<CallSpec<S, TSchema>, 'method' | 'path'>,
  { json, signal, ...values }: CallInput<S>,
  select: ((value: unknown) => unknown) | undefined,
): Outgoing => {
  const credentials = partner.credentials?.(app) ?? {};
  const deadline = AbortSignal.timeout(deadlineMs);
  const body = select === undefined ? undefined : JSON.stringify(select(json)); // protect: Q477 (select(json) -> json)
  const type: OutboundHeaders = body === undefined ? {} : { 'content-type': 'application/json' };
  return {
    method,
    url: urlOf(partner, path, values, credentials),
    headers: { accept: 'application/json', ...type, ...partner.headers, ...credentials },
    body,
    maxBytes,
    signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
  };
};

const withRetries = async (call: Call, request: Outgoing): Promise<Answered> => {
  const { budget } = call.line;
  const network = networkOf(call.app);
  budget.earn();
  for (;;) {
    call.attempts += 1;
    try {
      return await attempt(call, request);
    } catch (error) {
      const failure = toOutboundError(error);
      if (call.attempts === mostAttempts) throw failure; // protect: Q477
      if (!mayRepeat(request.method, failure) || !budget.spend()) throw failure;
      await network.wait(delayAfter(call.attempts, network.random()), request.signal);
    }
  }
};

/** One attempt, which the breaker admits and learns from. Only whether the partner answers at all counts. */
const attempt = async ({ app, caller, line: { breaker, pool } }: Call, request: Outgoing): Promise<Answered> => {
  const waitMs = breaker.admit(app.clock.monotonic());
  if (waitMs > 0) throw new OutboundError('open', { retryAfterMs: waitMs }); // protect: Q477
  try {
    const answer = accepted(await exchange(pool, request));
    breaker.succeeded();
    return answer;
  } catch (error) {
    // Somebody who leaves says nothing about the partner, or leaving would be a way to switch it off.
    if (caller?.aborted === true) throw error; // protect: Q477
    const { reason, answered = 0 } = toOutboundError(error);
    if (reason === 'unreachable' || reason === 'refused' || reason === 'timeout' || answered >= 500) breaker.failed(app.clock.monotonic());
    else breaker.succeeded();
    throw error;
  }
};

const accepted = (answer: Answered): Answered => {
  const { status } = answer;
  if (status >= 300 && status < 400) throw new OutboundError('redirected', { answered: status });
  if (status < 200 || status >= 300) throw new OutboundError('status', { answered: status }); // protect: Q477 (status < 200 || status >= 300 -> status >= 500)
  return answer;
};

const isJson = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Reads answers by the rules for whatever comes from outside: strict JSON, a schema, nothing undeclared. */
const readerOf = <A extends TSchema>(schema: A): ((answer: Answered) => Static<A>) => {
  const validator = Compile(schema);
  return ({ body, headers }) => {
    const value = body.length === 0 ? null : Clean(schema, jsonOf(body, headers['content-type'] ?? ''));
    if (!validator.Check(value)) throw new OutboundError('unusable', { cause: new Error('the answer does not fit its schema') }); // protect: Q477
    return value;
  };
};

const jsonOf = (body: Buffer, contentType: string): unknown => {
  if (!isJson.test(contentType)) throw new OutboundError('unusable', { cause: new Error('the answer is no JSON') }); // protect: Q477
  try {
    return parseJson(body, contentType);
  } catch (error) {
    throw new OutboundError('unusable', { cause: error });
  }
};
