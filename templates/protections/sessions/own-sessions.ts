import type { Static } from 'typebox';
import { foundOr404 } from '#src/protections/access-control/missing.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { type User, findUser } from '#src/services/users/users.ts';
import { cacheOf } from './cache.ts';
import { type Session, sessionOf } from './current.ts';
import type { Given } from './given.ts';
import type { ListedSession } from './schemas.ts';
import { endSession, endSessionsOf } from './sign-in.ts';

/**
 * The session of the request.
 * @throws Problem 403 for a caller that is known by something else.
 */
export const requireSession = ({ context }: Pick<Given, 'context'>): Session => {
  const session = sessionOf(context);
  if (session === undefined) throw new Problem(403, { extensions: { code: 'session_required' } });
  return session;
};

/** The user of the session of the request. @throws Problem 403 without a session. */
export const sessionUser = async (given: Given): Promise<User> => foundOr404(await findUser(given.app.services.db.query, requireSession(given).userId));

/** The sessions of the user of the request, the latest first. */
export const listSessions = async (given: Given): Promise<Static<typeof ListedSession>[]> => {
  const { userId, id: current } = requireSession(given);
  const rows = await given.app.services.db.query
    .selectFrom('sessions')
    .select(['id', 'way', 'client', 'address', 'created_at', 'last_seen_at'])
    .where('user_id', '=', userId)
    .where('state', '=', 'full')
    .orderBy('last_seen_at', 'desc')
    .limit(100)
    .execute();
  return rows.flatMap(({ id, way, client, address, created_at: createdAt, last_seen_at: lastSeenAt }) =>
    createdAt === null || lastSeenAt === null
      ? []
      : [{ id, current: id === current, way, client, address, createdAt: createdAt.toISOString(), lastSeenAt: lastSeenAt.toISOString() }],
  );
};

/**
 * Ends one session of the user of the request; its own too.
 * @throws Problem 404 for one that is not theirs.
 */
export const endOneSession = async (given: Given, id: string): Promise<void> => {
  const { app, context } = given;
  const current = requireSession(given);
  if (id === current.id) return endSession(given);
  await app.services.db.transaction(async (tx) => {
    const ended = await tx
      .deleteFrom('sessions')
      .where('id', '=', id)
      .where('user_id', '=', current.userId) // protect: Q406
      .returning('id')
      .executeTakeFirst();
    foundOr404(ended);
    await recordSecurityEvent(tx, app, { type: 'session.ended', userId: current.userId, details: { session: id }, context });
  });
  cacheOf(app).forget(current.userId);
};

/** Ends every other session of the user of the request, and signs out their devices. */
export const endOtherSessions = async (given: Given): Promise<void> => {
  const { userId } = requireSession(given);
  await given.app.services.db.transaction((tx) => endSessionsOf(tx, given.app, userId, { except: given }));
};
