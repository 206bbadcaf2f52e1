import { OutboundError } from './outbound-error.ts';

/** As many calls at once and no more: a slow partner must not collect all that this process has (CWE-770, ASVS V13.1.3). */
export class Slots {
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Runs `call` when there is a slot. Nobody waits for one: a queue in front of a slow system only grows.
   * @throws OutboundError `busy`.
   */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#free === 0) throw new OutboundError('busy', { retryAfterMs: 1000 }); // protect: Q451, Q477
    this.#free -= 1;
    try {
      return await call();
    } finally {
      this.#free += 1;
    }
  }
}
