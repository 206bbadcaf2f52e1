import { randomUUID } from 'node:crypto';
import type { AppContext } from '#src/context.ts';
import type { Actor } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { Queries } from '#src/services/db/database.ts';
import { afterCommit } from '#src/services/db/session.ts';
import type { Job } from './job.ts';
import { jobsOf } from './jobs.ts';

export interface EnqueueOptions {
  /** Who leaves the job: `actorOf(context)`. Absent: the app itself. */
  readonly actor?: Actor;
  /** Under one key, a user leaves a job of one type once, as long as its row is kept. Absent: every call is another job. */
  readonly idempotencyKey?: string;
  readonly notBefore?: Date;
}

/**
 * Leaves a job for a worker, in the transaction of what it belongs to: both happen, or neither.
 * @returns the id of the job; of the earlier one when the idempotency key is known.
 * @throws Problem 404 when the actor has no right to it; TypeError for what the types do not let through.
 */
export const enqueue = async <P>(tx: Queries, app: AppContext, job: Job<P>, payload: P, options: EnqueueOptions = {}): Promise<string> => {
  const { actor, idempotencyKey = randomUUID(), notBefore } = options;
  const jobs = jobsOf(app);
  if (jobs.find(job.type) !== job) throw new TypeError(`The job \`${job.type}\` is not registered: nothing would run it.`);
  const work = job.read(payload);
  if (work === undefined) throw new TypeError(`The payload does not fit the schema of the job \`${job.type}\`.`);
  if (job.needsActor) {
    if (actor === undefined) throw new TypeError(`The job \`${job.type}\` needs an actor.`);
    if (!(await work.authorise({ actor, app, tx }))) throw new Problem(404); // protect: Q467
  }
  const now = app.clock.now();
  const row = {
    queue: app.config.JOBS_QUEUE,
    type: job.type,
    payload: JSON.stringify(payload),
    actor_id: actor?.id ?? null,
    tenant: actor?.tenant ?? null,
    idempotency_key: idempotencyKey, // protect: Q467 (idempotencyKey -> randomUUID())
    due_at: notBefore ?? new Date(now),
    created_at: new Date(now),
    finished_at: null,
    result: null,
    failure: null,
  };
  const left = await tx
    .insertInto('jobs')
    .values(row)
    .onConflict((conflict) => conflict.columns(['queue', 'type', 'actor_id', 'idempotency_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (left === undefined) return idOf(tx, row);
  afterCommit(() => jobs.left());
  return left.id;
};

const idOf = async (
  tx: Queries,
  row: { readonly queue: string; readonly type: string; readonly actor_id: string | null; readonly idempotency_key: string },
): Promise<string> => {
  const { id } = await tx
    .selectFrom('jobs')
    .select('id')
    .where('queue', '=', row.queue)
    .where('type', '=', row.type)
    .where('actor_id', 'is not distinct from', row.actor_id)
    .where('idempotency_key', '=', row.idempotency_key)
    .executeTakeFirstOrThrow();
  return id;
};
