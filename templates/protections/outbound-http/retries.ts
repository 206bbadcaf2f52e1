import type { OutboundMethod } from './exchange.ts';
import type { OutboundError } from './outbound-error.ts';

/** How often one call is tried at most. */
export const mostAttempts = 3;

const firstDelayMs = 100;
const longestDelayMs = 2000;

/** Methods that do the same once or twice (RFC 9110 section 9.2.2). A second POST is a second order. */
const repeatable: ReadonlySet<OutboundMethod> = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);

/** Whether trying again is safe, and could help. */
export const mayRepeat = (method: OutboundMethod, { reason, answered = 0 }: OutboundError): boolean =>
  repeatable.has(method) && // protect: Q477 (repeatable.has(method) -> true)
  (reason === 'unreachable' || (reason === 'status' && answered >= 500));

/**
 * How long to wait before the next attempt, ms: a random part of a span that doubles. Clients that failed together would
 * otherwise come back together.
 * @param failed the attempts so far
 * @param random from 0 up to 1
 */
export const delayAfter = (failed: number, random: number): number => random * Math.min(longestDelayMs, firstDelayMs * 2 ** (failed - 1)); // protect: Q477 (random * -> )

const mostSaved = 10;
const savedByCall = 0.1;

/** Of all calls only so many are repeats: retries must not multiply the load of a partner that is in trouble (CWE-400). */
export class RetryBudget {
  #left = mostSaved;

  /** A call was made, which earns a part of a repeat. */
  earn(): void {
    this.#left = Math.min(mostSaved, this.#left + savedByCall);
  }

  /** True when a repeat may be made; it is spent then. */
  spend(): boolean {
    if (this.#left < 1) return false; // protect: Q477
    this.#left -= 1;
    return true;
  }
}
