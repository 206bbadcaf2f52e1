import { perApp } from '#src/protections/app-core/per-app.ts';

/** To one endpoint at most so many at once: one that hangs must not take all. */
const mostToOne = 2;

/** The deliveries that this process has under way, outside of any transaction and of any job. */
export class Flights {
  readonly #most: number;
  readonly #toEndpoint = new Map<string, number>();
  readonly #all = new Set<Promise<void>>();
  #open = true;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether another one may begin. */
  isFree(endpoint: string): boolean {
    if (!this.#open) return false;
    if ((this.#toEndpoint.get(endpoint) ?? 0) >= mostToOne) return false; // protect: W1
    return this.#all.size < this.#most; // protect: W1 (this.#all.size < this.#most -> true)
  }

  /** Begins one, unless the app closes meanwhile: then the next attempt is soon enough. `deliver` must not reject. */
  begin(endpoint: string, deliver: () => Promise<void>): void {
    if (!this.#open) return;
    this.#count(endpoint, 1);
    const flight = deliver().finally(() => {
      this.#count(endpoint, -1);
      this.#all.delete(flight);
    });
    this.#all.add(flight);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#all.size > 0) await Promise.all(this.#all);
  }

  /** Begins none any more; resolves when those under way have ended. */
  async close(): Promise<void> {
    this.#open = false;
    await this.settled();
  }

  #count(endpoint: string, change: number): void {
    const count = (this.#toEndpoint.get(endpoint) ?? 0) + change;
    if (count === 0) this.#toEndpoint.delete(endpoint);
    else this.#toEndpoint.set(endpoint, count);
  }
}

export const flightsOf = perApp(({ config }) => new Flights(config.WEBHOOKS_OUT_CONCURRENCY));
