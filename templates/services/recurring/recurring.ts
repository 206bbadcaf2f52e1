import type { Transaction } from 'kysely';
import type { AppContext } from '#src/context.ts';
import { perApp } from '#src/protections/app-core/per-app.ts';
import type { Database } from '#src/schema/tables.ts';

/** Something to be done every so often. */
export interface RecurringWork {
  /** The same in every process, for example `jobs.delete-old`. */
  readonly name: string;
  /** At least this long lies between two runs, whichever processes do them; ms. */
  readonly everyMs: number;
  /** Runs in a transaction. A run that fails or dies is not repeated before its next time. */
  readonly run: (tx: Transaction<Database>, app: AppContext) => Promise<void>;
}

/** How often a process looks whether something is due, ms. */
const lookEveryMs = 60_000;

class Recurring {
  readonly #app: AppContext;
  readonly #all: RecurringWork[] = [];
  #running: Promise<unknown> = Promise.resolve();

  constructor(app: AppContext) {
    this.#app = app;
    let timer: NodeJS.Timeout | undefined;
    const look = (): void => void (this.#running = this.#running.then(() => this.runDue()));
    app.events.on('app.started', () => {
      timer = setInterval(look, lookEveryMs).unref();
      look();
    });
    app.whenClosing.push(async () => {
      clearInterval(timer);
      await this.#running;
    });
  }

  /** @throws Error for a name that is taken. */
  every(work: RecurringWork): void {
    if (this.#all.some(({ name }) => name === work.name)) throw new Error(`The recurring work \`${work.name}\` is registered twice.`);
    this.#all.push(work);
  }

  /** Does what is due and what no other process has taken. Returns the names. What fails is logged. */
  async runDue(): Promise<readonly string[]> {
    const { services, clock, log } = this.#app;
    const done: string[] = [];
    for (const { name, everyMs, run } of this.#all) {
      try {
        if (!(await this.#take(name, everyMs, clock.now()))) continue;
        await services.db.transaction((tx) => run(tx, this.#app));
        done.push(name);
      } catch (error) {
        log.error({ err: error, work: name }, 'recurring work failed');
      }
    }
    return done;
  }

  /** One statement decides: of all processes that look at once, one gets the run. */
  async #take(name: string, everyMs: number, now: number): Promise<boolean> {
    const due_at = new Date(now + everyMs);
    const taken = await this.#app.services.db.query
      .insertInto('recurring_work')
      .values({ name, due_at })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ due_at }).where('recurring_work.due_at', '<=', new Date(now)))
      .returning('name')
      .executeTakeFirst();
    return taken !== undefined;
  }
}

/** The recurring work of `app`. Add to it when a binding is installed; it begins when the app serves. */
export const recurringOf = perApp((app) => new Recurring(app));
