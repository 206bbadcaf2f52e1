import type { Transaction } from 'kysely';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { AppContext } from '#src/context.ts';
import type { Actor } from '#src/protections/app-core/context.ts';
import { registerFormats } from '#src/protections/validation/formats.ts';
import { assertStrict } from '#src/protections/validation/schema-check.ts';
import type { Database } from '#src/schema/tables.ts';
import type { Queries } from '#src/services/db/database.ts';

/** One run of a job. */
export interface JobRun {
  readonly id: string;
  /** 1 for the first. */
  readonly attempt: number;
}

/** What the work gets. */
export interface RunGiven<P, A> {
  readonly payload: P;
  readonly app: AppContext;
  /** Who left the job, with the rights of now. */
  readonly actor: A;
  readonly job: JobRun;
  /**
   * The transaction in which the job is finished: what is written with it happens once, however often the job is begun.
   * The outer handle `app.services.db` throws meanwhile.
   */
  readonly tx: Transaction<Database>;
}

/** What the decision on a right gets. */
export interface AuthoriseGiven<P> {
  readonly payload: P;
  readonly app: AppContext;
  readonly actor: Actor;
  /** Asked in the transaction of the request first, and in that of the run again. */
  readonly tx: Queries;
}

/**
 * Does the work. What reaches beyond the database, such as a mail, stands last and is short: it happens at least once.
 * @returns a word for whoever left the job, for example the id of what was made; or nothing.
 * @throws Problem 403 or 404 when its user may not do it: the job is denied. Anything else is tried again, later.
 */
export type Run<P, A> = (given: RunGiven<P, A>) => Promise<string | void>;

interface Spec<S extends TSchema> {
  /** For example `accounts.welcome`: stays the same for ever, since rows name it. */
  readonly type: string;
  /** A closed schema. Ids, not secrets: rows are kept for days, and in backups for longer. */
  readonly payload: S;
  /** How often it is begun before it is given up; 10 unless said otherwise, which takes an hour and a half. */
  readonly maxAttempts?: number;
}

/** Work that the app itself may leave, too. A user who left it must still have an account when it runs. */
export interface JobSpec<S extends TSchema> extends Spec<S> {
  readonly authorise?: undefined;
  readonly run: Run<Static<S>, Actor | undefined>;
}

/** Work that only a user can leave, and only one with the right to it. */
export interface UserJobSpec<S extends TSchema> extends Spec<S> {
  /** Whether the actor may do this to what the payload names. Asked when the job is left and again when it runs. */
  readonly authorise: (given: AuthoriseGiven<Static<S>>) => boolean | Promise<boolean>;
  readonly run: Run<Static<S>, Actor>;
}

/** A payload that fits its schema, and what can be done with it. */
export interface Work {
  authorise(given: Omit<AuthoriseGiven<never>, 'payload'>): Promise<boolean>;
  run(given: Omit<RunGiven<never, Actor | undefined>, 'payload'>): Promise<string | void>;
}

/** A job as the worker sees it. */
export interface AnyJob {
  readonly type: string;
  readonly maxAttempts: number;
  /** Nobody but a user may leave it. */
  readonly needsActor: boolean;
  /** Reads a payload that may be forged; undefined when it does not fit the schema. */
  read(payload: unknown): Work | undefined;
}

/** A kind of work, and what it needs to know. */
export interface Job<P> extends AnyJob {
  accepts(payload: unknown): payload is P;
}

/**
 * Declares a kind of work. List it in the module whose routes leave it: `defineModule({ ..., jobs: [job] })`; a protection
 * registers its own when it is installed: `jobsOf(app).register(job)`.
 * @throws Error for a schema that lets undeclared members through.
 */
export function defineJob<S extends TSchema>(spec: UserJobSpec<S>): Job<Static<S>>;
export function defineJob<S extends TSchema>(spec: JobSpec<S>): Job<Static<S>>;
export function defineJob<S extends TSchema>(spec: UserJobSpec<S> | JobSpec<S>): Job<Static<S>> {
  const { type, payload: schema, maxAttempts = 10 } = spec;
  registerFormats();
  assertStrict({ body: schema });
  const validator = Compile(schema);
  const accepts = (payload: unknown): payload is Static<S> => validator.Check(payload);
  return {
    type,
    maxAttempts,
    needsActor: spec.authorise !== undefined,
    accepts,
    read: (payload) => (accepts(payload) ? workOf(spec, payload) : undefined),
  };
}

const workOf = <S extends TSchema>(spec: UserJobSpec<S> | JobSpec<S>, payload: Static<S>): Work => {
  if (spec.authorise === undefined) {
    return { authorise: async () => true, run: (given) => spec.run({ ...given, payload }) };
  }
  const { authorise, run } = spec;
  return {
    authorise: async (given) => authorise({ ...given, payload }),
    run: async ({ actor, ...given }) => {
      if (actor === undefined) throw new Error(`The job ${spec.type} needs a user.`);
      return run({ ...given, actor, payload });
    },
  };
};
