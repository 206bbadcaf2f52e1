import { type SqlBool, sql } from 'kysely';
import type { Config } from '#src/config.ts';
import { digestOf, newToken } from '#src/protections/encryption/token.ts';
import type { Queries } from '#src/services/db/database.ts';
import type { SessionState } from './tables.ts';

type Lifetimes = Pick<Config, 'SESSION_IDLE_MINUTES' | 'SESSION_MAX_HOURS' | 'SESSION_STEP_UP_MINUTES'>;

/** A session that waits for a second factor or a new password waits this long. Minutes. */
const halfOpenMinutes = 10;

/** How a use is written down: not more often than this. Seconds. */
export const touchAfterSeconds = 60;

/** By the clock of the database, which all processes share and no setting of a machine's clock moves. A missing stamp has expired. */
const isAlive = ({ SESSION_IDLE_MINUTES, SESSION_MAX_HOURS }: Lifetimes) => {
  const maximum = sql`case when sessions.state = 'full' then make_interval(hours => ${SESSION_MAX_HOURS}) else make_interval(mins => ${halfOpenMinutes}) end`;
  return sql<SqlBool>`(sessions.last_seen_at > now() - make_interval(mins => ${SESSION_IDLE_MINUTES}) and sessions.created_at > now() - ${maximum})`;
};

/** A session as it is read: times in it are those of the database. */
export interface SessionRow {
  readonly id: string;
  readonly userId: string;
  readonly way: string;
  readonly state: SessionState;
  readonly createdAt: Date;
  readonly provenAt: Date;
  readonly version: number;
  readonly data: string | null;
  readonly roles: readonly string[];
  readonly isFresh: boolean;
  /** Since its use was last written down. */
  readonly idleSeconds: number;
}

/** The session of a cookie, with the roles its user has now; nothing when there is none or its user is disabled. What has expired is deleted. */
export const findSession = async (db: Queries, lifetimes: Lifetimes, digest: Buffer): Promise<SessionRow | undefined> => {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['sessions.id', 'user_id', 'way', 'state', 'sessions.created_at', 'proven_at', 'version', 'data', 'roles'])
    .select(sql<boolean>`coalesce(proven_at > now() - make_interval(mins => ${lifetimes.SESSION_STEP_UP_MINUTES}), false)`.as('is_fresh'))
    .select(sql<number>`extract(epoch from now() - last_seen_at)::float8`.as('idle_seconds'))
    .select(sql<boolean>`coalesce(${isAlive(lifetimes)}, false)`.as('is_alive'))
    .where('token_hash', '=', digest)
    .where('disabled_at', 'is', null) // protect: Q436
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (!row.is_alive || row.created_at === null) { // protect: Q436 (!row.is_alive || row.created_at === null -> row.created_at === null)
    await deleteSession(db, digest); // protect: Q436
    return undefined;
  }
  return {
    id: row.id,
    userId: row.user_id,
    way: row.way,
    state: row.state,
    createdAt: row.created_at,
    provenAt: row.proven_at ?? new Date(0),
    version: row.version,
    data: row.data,
    roles: row.roles,
    isFresh: row.is_fresh,
    idleSeconds: row.idle_seconds,
  };
};

/** Writes down that a session is in use. One that ended meanwhile stays ended. */
export const touchSession = async (db: Queries, lifetimes: Lifetimes, digest: Buffer): Promise<void> => {
  await db
    .updateTable('sessions')
    .set({ last_seen_at: sql`now()` })
    .where('token_hash', '=', digest)
    .where(isAlive(lifetimes))
    .where(sql<SqlBool>`last_seen_at < now() - make_interval(secs => ${touchAfterSeconds})`)
    .execute();
};

/** What a new session is. */
export interface NewSession {
  readonly userId: string;
  readonly way: string;
  readonly state: SessionState;
  readonly limitedTo: 'password-change' | null;
  /** For the list: what browser it is, roughly. */
  readonly client: string;
  readonly address: string;
}

/** Opens a session. Only `signIn` may: whatever else inserts here is another way in (ASVS V6.3.4). @returns the value of its cookie. */
export const insertSession = async (tx: Queries, { userId, way, state, limitedTo, client, address }: NewSession): Promise<string> => {
  const token = newToken();
  await tx
    .insertInto('sessions')
    .values({ token_hash: digestOf(token), user_id: userId, way, state, limited_to: limitedTo, client, address, data: null })
    .execute();
  return token;
};

/** Deletes what has expired by disuse; what is too old is not used any more either, so that it follows. */
export const sweepSessions = async (tx: Queries, { SESSION_IDLE_MINUTES }: Lifetimes): Promise<void> => {
  await tx
    .deleteFrom('sessions')
    .where(sql<SqlBool>`(last_seen_at < now() - make_interval(mins => ${SESSION_IDLE_MINUTES}) or last_seen_at is null)`)
    .execute();
};

/** Ends the session of a cookie. @returns its id and user, if it was there. */
export const deleteSession = (tx: Queries, digest: Buffer): Promise<{ id: string; user_id: string } | undefined> =>
  tx.deleteFrom('sessions').where('token_hash', '=', digest).returning(['id', 'user_id']).executeTakeFirst();

/** What a session becomes when its user proved something more. */
export interface Promotion {
  readonly state: SessionState;
  /** The time until its end begins anew: only where a half-open session becomes a whole one. */
  readonly startsAnew: boolean;
  readonly data: string | null;
}

/** Gives a session another cookie; the one before opens nothing from then on. */
export const rotateSession = async (tx: Queries, from: Buffer, to: Buffer, { state, startsAnew, data }: Promotion): Promise<void> => {
  await tx
    .updateTable('sessions')
    .set({
      token_hash: to,
      state,
      limited_to: null,
      last_seen_at: sql`now()`,
      proven_at: sql`now()`,
      data,
      ...(startsAnew ? { created_at: sql<Date>`now()` } : {}),
    })
    .where('token_hash', '=', from)
    .execute();
};
