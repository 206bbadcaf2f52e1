import { type SqlBool, sql } from 'kysely';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { digestOf } from '#src/protections/encryption/token.ts';
import type { Queries } from '#src/services/db/database.ts';

/** How often something may be tried. */
export interface AttemptRule {
  /** So many tries without waiting. */
  readonly free: number;
  /** The wait after the last free try; it doubles with each further one. Seconds. */
  readonly firstDelaySeconds: number;
  /** It grows no longer than this: nobody is locked out for good (CWE-645). Seconds. */
  readonly longestDelaySeconds: number;
  /** After so long without a try all is forgotten. Seconds. */
  readonly forgetAfterSeconds: number;
}

/** For what a person types: ten tries, then a wait from half a minute up to a quarter of an hour. */
export const usualRule: AttemptRule = { free: 10, firstDelaySeconds: 30, longestDelaySeconds: 900, forgetAfterSeconds: 3600 };

/** When another try is admitted, of the tries in the row, once the free ones are used. */
const nextAt = ({ free, firstDelaySeconds, longestDelaySeconds }: AttemptRule) =>
  sql<Date>`attempts.last_at + make_interval(secs => least(${longestDelaySeconds}::float8, ${firstDelaySeconds}::float8 * power(2, least(attempts.count - ${free}, 30))))`;

/**
 * Counts a try, before its proof is judged: whoever asks in parallel is counted too, in every process (CWE-307, CWE-362).
 * @param db the database, not a transaction: what is rolled back is not counted.
 * @param subject what is guarded, for example `password:account:<address>`; only its digest is kept.
 * @throws Problem 429 with the seconds to wait.
 */
export const takeAttempt = async ({ services }: Pick<AppContext, 'services'>, db: Queries, subject: string, rule: AttemptRule): Promise<void> => {
  const digest = digestOf(subject);
  const isForgotten = sql<SqlBool>`attempts.last_at < now() - make_interval(secs => ${rule.forgetAfterSeconds})`;
  const taken = await db
    .insertInto('attempts')
    .values({ subject: digest, count: 1 })
    .onConflict((conflict) =>
      conflict
        .column('subject')
        .doUpdateSet({ count: sql<number>`case when ${isForgotten} then 1 else attempts.count + 1 end`, last_at: sql`now()` })
        // Free tries do not look at the clock: in parallel, the one that is counted second may have begun first.
        .where(sql<SqlBool>`(${isForgotten} or attempts.count < ${rule.free} or ${nextAt(rule)} <= now())`), // protect: A4
    )
    .returning('count')
    .executeTakeFirst();
  if (taken === undefined) throw await tooMany(db, digest, rule);
  if (taken.count === 1) await sweep(services.db.query);
};

const tooMany = async (db: Queries, digest: Buffer, rule: AttemptRule): Promise<Problem> => {
  const row = await db
    .selectFrom('attempts')
    .select(sql<number>`ceil(extract(epoch from ${nextAt(rule)} - now()))::integer`.as('wait'))
    .where('subject', '=', digest)
    .executeTakeFirst();
  return new Problem(429, { headers: { 'retry-after': String(Math.max(1, row?.wait ?? 1)) } });
};

/** No rule remembers longer than a day. */
const sweep = async (db: Queries): Promise<void> => {
  await db
    .deleteFrom('attempts')
    .where(sql<SqlBool>`last_at < now() - interval '1 day'`)
    .execute();
};

/** Forgets the tries for `subject`, once its proof was right. */
export const forgetAttempts = async (db: Queries, subject: string): Promise<void> => {
  await db.deleteFrom('attempts').where('subject', '=', digestOf(subject)).execute();
};

/** Takes back the count of one try whose proof was right. The tries of others stay counted: one success does not reset them. */
export const giveBackAttempt = async (db: Queries, subject: string): Promise<void> => {
  await db
    .updateTable('attempts')
    .set((eb) => ({ count: eb('count', '-', 1) }))
    .where('subject', '=', digestOf(subject))
    .where('count', '>', 0)
    .execute();
};
