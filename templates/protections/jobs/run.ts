import type { Transaction } from 'kysely';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { Database } from '#src/schema/tables.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { isUserId } from './actor.ts';
import type { AnyJob } from './job.ts';
import { jobsOf } from './jobs.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    /** A job ran when its user had no right to it any more. */
    'job.denied': { readonly job: string; readonly type: string };
  }
}

/** A job that this process has begun and nobody else may finish. */
export interface Claimed {
  readonly id: string;
  readonly type: string;
  readonly payload: unknown;
  readonly actor_id: string | null;
  readonly tenant: string | null;
  readonly attempts: number;
}

const columns = ['id', 'type', 'payload', 'actor_id', 'tenant', 'attempts'] as const;

/**
 * Begins the job that is due longest, if there is one. It is committed before the work begins: a job that kills its
 * process has been counted. Rows that another transaction holds are passed over, so two workers never begin the same.
 */
export const claim = async (app: AppContext): Promise<Claimed | undefined> => {
  const { types } = jobsOf(app);
  if (types.length === 0) return undefined;
  const { config, clock, services } = app;
  const now = clock.now();
  return services.db.query
    .updateTable('jobs')
    .set((eb) => ({ status: 'running', attempts: eb('attempts', '+', 1), due_at: new Date(now + config.JOBS_LEASE_MS) })) // protect: Q467 (now + config.JOBS_LEASE_MS -> now)
    .where('id', '=', (eb) =>
      eb
        .selectFrom('jobs as due')
        .select('due.id')
        .where('due.queue', '=', config.JOBS_QUEUE)
        .where('due.type', 'in', types)
        .where('due.status', 'in', ['waiting', 'running'])
        .where('due.due_at', '<=', new Date(now))
        .orderBy('due.due_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returning(columns)
    .executeTakeFirst();
};

type Verdict = { readonly status: 'done'; readonly result: string | null } | { readonly status: 'denied' | 'dead'; readonly failure: string };

const denied = (failure: string): Verdict => ({ status: 'denied', failure });
const dead = (failure: string): Verdict => ({ status: 'dead', failure });

/** Another process has begun the job anew: whatever this one did must not stand. */
class LostJob extends Error {}

/** The user has no right to it, as the work itself found out. What it wrote until then must not stand. */
const isRefusal = (error: unknown): error is Problem =>
  error instanceof Problem && (error.status === 403 || error.status === 404); // protect: Q467 (error.status === 403 || error.status === 404 -> false)

/** Runs a job that was begun, and writes down what became of it. Never rejects because of what the job did. */
export const runClaimed = async (app: AppContext, claimed: Claimed): Promise<void> => {
  const job = jobsOf(app).find(claimed.type);
  if (job === undefined) return;
  try {
    const verdict = await attempt(app, job, claimed);
    if (verdict.status !== 'done') report(app, claimed, verdict);
  } catch (error) {
    if (error instanceof LostJob) return;
    await (isRefusal(error) ? conclude(app, claimed, denied(`refused with ${error.status}`)) : tryLater(app, job, claimed, error));
  }
};

const attempt = (app: AppContext, job: AnyJob, claimed: Claimed): Promise<Verdict> =>
  app.services.db.transaction(async (tx) => {
    await hold(tx, claimed);
    const verdict = await decide(tx, app, job, claimed);
    await finish(tx, app, claimed, verdict);
    return verdict;
  });

/**
 * Holds the row until the commit. As long as this process lives, nobody can begin the job anew, however long it takes;
 * when the process dies, the database lets go of the row.
 * @throws LostJob when somebody did before.
 */
const hold = async (tx: Transaction<Database>, { id, attempts }: Claimed): Promise<void> => {
  const row = await tx
    .selectFrom('jobs')
    .select('id')
    .where('id', '=', id)
    .where('status', '=', 'running')
    .where('attempts', '=', attempts) // protect: Q467
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new LostJob();
};

/** Believes nothing that the row says: neither its payload nor the rights it was left with (CWE-367). */
const decide = async (tx: Transaction<Database>, app: AppContext, job: AnyJob, claimed: Claimed): Promise<Verdict> => {
  const { id, attempts, payload, actor_id: actorId, tenant } = claimed;
  // It was begun more often than it failed: it takes its process down with it.
  if (attempts > job.maxAttempts) return dead('it never ended'); // protect: Q467
  const work = job.read(payload);
  if (work === undefined) return dead('its payload does not fit'); // protect: Q467
  const given = { app, tx, job: { id, attempt: attempts } };
  if (actorId === null) {
    if (job.needsActor || tenant !== null) return dead('it names no user'); // protect: Q467
    return done(await work.run({ ...given, actor: undefined }));
  }
  const actor = await jobsOf(app).loadActor(tx, actorId, tenant);
  if (actor === undefined) return denied('its user has no account any more');
  if ((actor.tenant ?? null) !== tenant) return dead('its user is not of its tenant'); // protect: Q467
  if (!(await work.authorise({ actor, app, tx }))) return denied('its user has no right to it any more'); // protect: Q467
  return done(await work.run({ ...given, actor }));
};

const done = (result: string | void): Verdict => ({ status: 'done', result: result ?? null });

/** Ends the job. Nobody else has begun it since: what was held until here is still there. */
const finish = async (tx: Transaction<Database>, app: AppContext, { id, attempts, type, actor_id: actorId }: Claimed, verdict: Verdict): Promise<void> => {
  const { numUpdatedRows } = await tx
    .updateTable('jobs')
    .set({ ...verdict, finished_at: new Date(app.clock.now()) })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .where('attempts', '=', attempts)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new LostJob(); // protect: Q467
  if (verdict.status !== 'denied') return;
  const userId = actorId !== null && isUserId(actorId) ? actorId : null;
  await recordSecurityEvent(tx, app, { type: 'job.denied', userId, details: { job: id, type } });
};

/** Ends a job whose own transaction was rolled back. */
const conclude = async (app: AppContext, claimed: Claimed, verdict: Verdict): Promise<void> => {
  try {
    await app.services.db.transaction((tx) => finish(tx, app, claimed, verdict));
    report(app, claimed, verdict);
  } catch (error) {
    if (!(error instanceof LostJob)) throw error;
  }
};

const report = ({ log }: AppContext, { id, type, attempts }: Claimed, verdict: Verdict): void => {
  if (verdict.status === 'done') return;
  log.warn({ job: id, type, attempts, failure: verdict.failure }, `a job is ${verdict.status}`);
};

const firstPauseMs = 10_000;
const longestPauseMs = 3_600_000;

/** Twice as long after every failure: what is down is not kept down. */
const pauseAfter = (attempts: number): number => Math.min(firstPauseMs * 2 ** (attempts - 1), longestPauseMs);

const tryLater = async (app: AppContext, job: AnyJob, claimed: Claimed, error: unknown): Promise<void> => {
  const { id, type, attempts } = claimed;
  app.log.error({ err: error, job: id, type, attempts }, 'a job failed');
  if (attempts >= job.maxAttempts) return conclude(app, claimed, dead(error instanceof Error ? error.name : 'unknown')); // protect: Q467
  await app.services.db.query
    .updateTable('jobs')
    .set({ status: 'waiting', due_at: new Date(app.clock.now() + pauseAfter(attempts)), failure: error instanceof Error ? error.name : 'unknown' })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .where('attempts', '=', attempts)
    .execute();
};

/**
 * Runs everything that is due, one after the other, in this process.
 * @returns how many runs there were.
 */
export const drain = async (app: AppContext): Promise<number> => {
  let runs = 0;
  for (let claimed = await claim(app); claimed !== undefined; claimed = await claim(app)) {
    await runClaimed(app, claimed);
    runs += 1;
  }
  return runs;
};
