import { Problem } from '#src/protections/app-core/problem.ts';

/**
 * Runs work that costs memory: `width` pieces at once, `waiting` more in line. Whoever comes when the line is full is sent
 * away at once: without an end to the line, sign-ins alone would take all the memory there is (CWE-770, ASVS V15.2.2).
 */
export class HashQueue {
  readonly #width: number;
  readonly #waiting: number;
  readonly #line: (() => void)[] = [];
  #running = 0;

  constructor({ width, waiting }: { readonly width: number; readonly waiting: number }) {
    this.#width = width;
    this.#waiting = waiting;
  }

  /** @throws Problem 503 when the line is full. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const isBusy = this.#running >= this.#width; // protect: Q404 (this.#running >= this.#width -> false)
    if (isBusy && this.#line.length >= this.#waiting) throw new Problem(503, { headers: { 'retry-after': '1' } }); // protect: Q404
    if (isBusy) await new Promise<void>((resolve) => this.#line.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      // Whoever waited longest takes over the place: nobody who comes now can take it in between.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
