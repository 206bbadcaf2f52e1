/** Failures in a row after which a partner is left alone. */
const failuresToOpen = 5;
/** How long it is left alone, ms. */
const openMs = 30_000;

/**
 * A circuit breaker: a partner that only fails is not asked any more, so that it can recover and nobody waits for it
 * (ASVS V16.5.2). After a while one call is let through, and its outcome decides. Of this process alone.
 */
export class Breaker {
  #failures = 0;
  #openUntil = 0;

  /**
   * @param now monotonic time, ms
   * @returns 0 when a call may be made, else the ms until one may be.
   */
  admit(now: number): number {
    if (this.#failures < failuresToOpen) return 0;
    if (now < this.#openUntil) return this.#openUntil - now;
    // The others wait for the outcome of this one; when it has none, the next one follows as much later.
    this.#openUntil = now + openMs; // protect: Q477
    return 0;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(now: number): void {
    this.#failures += 1;
    this.#openUntil = now + openMs;
  }
}
