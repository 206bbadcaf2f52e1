import { Problem } from '#src/protections/app-core/problem.ts';

/**
 * Why a call to another system came to nothing, and what that is for whoever asked us:
 * `refused` the address may not be called · `unsendable` what was asked for does not fit into a request ·
 * `unreachable` no connection, or a broken one · `timeout` no whole answer before the deadline · `too-large` an answer
 * beyond its cap · `redirected` it sends us elsewhere · `status` it answers with a failure · `unusable` its answer is not
 * what it should be · `busy` as many calls as allowed are under way · `open` it failed so often that it is left alone.
 */
const statusByReason = {
  refused: 403,
  unsendable: 422,
  unreachable: 502,
  timeout: 503,
  'too-large': 502,
  redirected: 502,
  status: 502,
  unusable: 502,
  busy: 503,
  open: 503,
} as const;

export type Reason = keyof typeof statusByReason;

interface Details {
  /** For the log only. */
  readonly cause?: unknown;
  /** The status that the other system answered with. */
  readonly answered?: number | undefined;
  readonly retryAfterMs?: number;
}

/**
 * A call to another system that came to nothing. Of what the other system said nothing reaches the caller (CWE-209).
 * One refusal for every address: whether a name exists inside, and where it leads, is not for strangers to learn.
 */
export class OutboundError extends Problem {
  readonly reason: Reason;
  readonly answered: number | undefined;

  constructor(reason: Reason, { cause, answered, retryAfterMs }: Details = {}) {
    super(statusByReason[reason], {
      ...(reason === 'refused' ? { detail: 'Only public hosts that are allowed can be called, by https.' } : {}),
      ...(retryAfterMs === undefined ? {} : { headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) } }),
      ...(cause === undefined ? {} : { cause }),
    });
    this.name = 'OutboundError';
    this.reason = reason;
    this.answered = answered;
  }
}

/** The refusal of an address. `why` is for the log. */
export const refused = (why: string): OutboundError => new OutboundError('refused', { cause: new Error(why) });

/** What came to nothing, in our words, whatever was thrown on the way. */
export const toOutboundError = (error: unknown): OutboundError => {
  if (error instanceof OutboundError) return error;
  const name = error instanceof Error ? error.name : '';
  return new OutboundError(name === 'TimeoutError' || name === 'AbortError' ? 'timeout' : 'unreachable', { cause: error });
};
