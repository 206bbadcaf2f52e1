import type { AppContext } from '#src/context.ts';
import type { Actor } from '#src/protections/app-core/context.ts';
import { perApp } from '#src/protections/app-core/per-app.ts';
import type { Queries } from '#src/services/db/database.ts';
import type { AnyJob } from './job.ts';
import { loadUser } from './actor.ts';

declare module '#src/protections/app-core/route.ts' {
  interface RouteModule {
    /** Work that the routes of the module leave for later. */
    readonly jobs?: readonly AnyJob[];
  }
}

/** Says who left a job, with the rights of now; nobody when that user is gone or disabled. */
export type ActorLoader = (db: Queries, id: string, tenant: string | null) => Promise<Actor | undefined>;

/** The kinds of work that an app knows. */
export class Jobs {
  readonly #byType = new Map<string, AnyJob>();
  readonly #wakers: (() => void)[] = [];
  /** Replace it where users belong to tenants. */
  loadActor: ActorLoader = loadUser;

  /** @throws Error for a type that is taken. */
  register(...jobs: readonly AnyJob[]): void {
    for (const job of jobs) {
      if (this.#byType.has(job.type)) throw new Error(`The job \`${job.type}\` is registered twice.`);
      this.#byType.set(job.type, job);
    }
  }

  find(type: string): AnyJob | undefined {
    return this.#byType.get(type);
  }

  get types(): readonly string[] {
    return [...this.#byType.keys()];
  }

  /** Calls `wake` whenever this process left a job. */
  onLeft(wake: () => void): void {
    this.#wakers.push(wake);
  }

  /** Tells the workers of this process, so that they need not wait for their next look. */
  left(): void {
    for (const wake of this.#wakers) wake();
  }
}

/** The kinds of work of `app`. */
export const jobsOf = perApp((_app: AppContext) => new Jobs());
