/** A window is kept as this many slices, and one more that is in progress. More slices: more exact, more memory. */
export const slices = 10;

/** Uses in one slice of time. */
interface Slice {
  readonly index: number;
  count: number;
}

/** The uses of one client that are still in the window, oldest first. */
interface Uses {
  total: number;
  readonly recent: Slice[];
}

export interface Window {
  /** The most uses in any stretch of `windowMs`, wherever it begins. */
  readonly limit: number;
  readonly windowMs: number;
  /** The most clients that are remembered. */
  readonly clients?: number;
}

/**
 * Counts uses in a sliding window, in this process. Never admits more than `limit` uses in any stretch of `windowMs`: a
 * counter that starts afresh each minute admits twice that around the full minute, and a leaking bucket that starts full
 * admits nearly twice that in its first window. A slice is kept until all of it has left the window, so a client that
 * used everything up waits for at most a tenth of a window too long. A refused use is not counted (Q466).
 */
export class SlidingWindow {
  readonly #limit: number;
  readonly #width: number;
  readonly #keepMs: number;
  readonly #half: number;
  // Two generations: when one is full, or a window old, the one before it is dropped as a whole. That bounds the memory
  // and forgets clients that left, without a timer and without looking at each of them.
  #young = new Map<string, Uses>();
  #old = new Map<string, Uses>();
  #turnAt = 0;

  constructor({ limit, windowMs, clients = 100_000 }: Window) {
    this.#limit = limit;
    this.#width = windowMs / slices;
    this.#keepMs = windowMs + this.#width;
    this.#half = Math.ceil(clients / 2);
  }

  /** The number of clients that are remembered. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /**
   * Counts one use of `key`, unless the limit is reached.
   * @param now monotonic time in ms: a clock that somebody sets must not open or close the window
   * @returns 0 when the use is admitted, else the ms until the next one can be
   */
  take(key: string, now: number): number {
    const uses = this.#young.get(key) ?? this.#remember(key, now);
    const current = Math.floor(now / this.#width);
    const firstKept = current - slices; // protect: Q466 (current - slices -> current)
    let oldest = uses.recent[0];
    while (oldest !== undefined && oldest.index < firstKept) {
      uses.recent.shift();
      uses.total -= oldest.count; // protect: Q466
      oldest = uses.recent[0];
    }
    if (uses.total >= this.#limit) return ((oldest?.index ?? current) + slices + 1) * this.#width - now; // protect: Q429, Q466
    const newest = uses.recent.at(-1);
    if (newest?.index === current) newest.count += 1;
    else uses.recent.push({ index: current, count: 1 });
    uses.total += 1;
    return 0;
  }

  #remember(key: string, now: number): Uses {
    if (this.#young.size >= this.#half || now >= this.#turnAt) this.#turn(now); // protect: Q429
    const uses = this.#old.get(key) ?? { total: 0, recent: [] };
    this.#young.set(key, uses);
    return uses;
  }

  #turn(now: number): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#turnAt = now + this.#keepMs;
  }
}
