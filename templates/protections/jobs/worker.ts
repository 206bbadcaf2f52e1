import type { AppContext } from '#src/context.ts';
import { jobsOf } from './jobs.ts';
import { claim, runClaimed } from './run.ts';

/** Takes jobs from the queue and runs them, until it is stopped. */
export class Worker {
  readonly #app: AppContext;
  readonly #most: number;
  readonly #loops = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #open = false;
  #failing = false;

  constructor(app: AppContext) {
    const { DATABASE_URL, JOBS_CONCURRENCY } = app.config;
    this.#app = app;
    // The embedded database has one connection: a second job would only wait for it.
    this.#most = DATABASE_URL === undefined ? Math.min(JOBS_CONCURRENCY, 1) : JOBS_CONCURRENCY;
  }

  start(): void {
    if (this.#most === 0) return;
    this.#open = true;
    // Others leave jobs too, and what failed becomes due again.
    this.#timer = setInterval(() => this.#wake(), this.#app.config.JOBS_POLL_MS).unref();
    jobsOf(this.#app).onLeft(() => this.#wake());
    this.#wake();
  }

  /** Begins no job any more; resolves when those that run have ended. */
  async stop(): Promise<void> {
    this.#open = false;
    clearInterval(this.#timer);
    await Promise.all(this.#loops);
  }

  #wake(): void {
    if (!this.#open || this.#loops.size >= this.#most) return;
    const loop = this.#loop().finally(() => this.#loops.delete(loop));
    this.#loops.add(loop);
  }

  /** Runs jobs until none is due. Where there is one there may be more: it wakes another loop to look. */
  async #loop(): Promise<void> {
    try {
      while (this.#open) {
        const claimed = await claim(this.#app);
        this.#failing = false;
        if (claimed === undefined) return;
        this.#wake();
        await runClaimed(this.#app, claimed);
      }
    } catch (error) {
      // Once for each outage, not once for each look.
      if (!this.#failing) this.#app.log.error({ err: error }, 'jobs cannot be taken from the database');
      this.#failing = true;
    }
  }
}
