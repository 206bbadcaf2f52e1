import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Clean } from 'typebox/value';
import type { AppContext } from '#src/context.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import { type AnyJob, type RunGiven, defineJob } from '#src/protections/jobs/job.ts';
import { closed } from '#src/protections/validation/core.ts';
import { text } from '#src/protections/validation/formats.ts';
import type { Queries } from '#src/services/db/database.ts';
import { memberOf, textOf } from './scheme.ts';

/** The longest id of an event. */
export const longestId = 255;

export interface EventGiven<D> extends Pick<RunGiven<D, undefined>, 'app' | 'tx' | 'job'> {
  /** What the sender calls this event. */
  readonly id: string;
  /** What the schema declares of the message. */
  readonly data: D;
}

export interface EventSpec<S extends TSchema> {
  /** What is needed of a message, as a closed schema. What it does not declare is dropped: senders add members at any time. */
  readonly data: S;
  /** Does the work, as a job: what it writes with `tx` happens once, what it does elsewhere at least once. */
  readonly run: (given: EventGiven<Static<S>>) => Promise<void>;
}

/** Leaves the work of one message. */
export type Leave = (tx: Queries, app: AppContext, id: string) => Promise<string>;

/** A kind of event that is taken in. */
export interface EventKind {
  /** `name`: what its jobs are called. */
  bind(name: string): BoundKind;
}

export interface BoundKind {
  readonly job: AnyJob;
  /** Undefined for content that does not fit. */
  accept(content: unknown): Leave | undefined;
}

/**
 * Declares a kind of event that a webhook takes in.
 * @throws Error for a schema that is not closed.
 */
export const onEvent = <S extends TSchema>({ data: schema, run }: EventSpec<S>): EventKind => ({
  bind: (name) => {
    const validator = Compile(schema);
    const fits = (value: unknown): value is Static<S> => validator.Check(value);
    const job = defineJob({
      type: name,
      payload: closed({ id: text(longestId, 1), data: schema }),
      run: async ({ payload, app, tx, job: running }) => {
        const [id, data] = [textOf(payload, 'id'), memberOf(payload, 'data')];
        if (id === undefined || !fits(data)) throw new TypeError(`The payload does not fit the job ${name}.`);
        await run({ id, data, app, tx, job: running });
      },
    });
    return {
      job,
      accept: (content) => {
        const data = Clean(schema, content);
        if (!fits(data)) return undefined; // protect: Q482
        return (tx, app, id) => {
          const payload: unknown = { id, data };
          if (!job.accepts(payload)) throw new TypeError(`The payload does not fit the job ${name}.`);
          return enqueue(tx, app, job, payload);
        };
      },
    };
  },
});
