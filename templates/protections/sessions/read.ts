import type { AppContext } from '#src/context.ts';
import { type RequestContext, contextOf } from '#src/protections/app-core/context.ts';
import type { Problem } from '#src/protections/app-core/problem.ts';
import type { RoutePolicy } from '#src/protections/app-core/route.ts';
import type { GuardFactory, IdentityProvider } from '#src/protections/app-core/routing.ts';
import { CannotOpen } from '#src/protections/encryption/seal.ts';
import { digestOf } from '#src/protections/encryption/token.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { type Cached, cacheOf } from './cache.ts';
import { readCookie } from './cookie.ts';
import { type OpenSession, openSessionOf, setOpenSession } from './current.ts';
import { type SessionData, openData } from './data.ts';
import type { Given } from './given.ts';
import { counts, refuseHalfOpen } from './policy.ts';
import { type SessionRow, deleteSession, findSession, touchAfterSeconds, touchSession } from './store.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    /** The data of a session was not what the app wrote: the session was ended. */
    'session.unreadable': { readonly session: string };
  }
}

/** The name of the session cookie, without its prefix. */
export const sessionCookieName = 'sid';

/** Finds the session of a request by its cookie, from memory where it was read a moment ago. */
export const readSession: GuardFactory = (policy, app) => {
  if ((policy.credential ?? 'session') !== 'session') return undefined; // protect: Q418
  const { clock } = app;
  const cache = cacheOf(app);
  return ({ request, context }) => {
    const token = readCookie({ app, context, request }, sessionCookieName);
    if (token === undefined) return undefined;
    const digest = digestOf(token);
    const key = digest.toString('base64url');
    const now = clock.monotonic();
    const cached = cache.get(key, now);
    if (cached !== undefined && (policy.polls === true || now < cached.touchAt)) return take(cached.open, context, policy);
    return load({ app, context, request }, policy, digest).then((open) => (open === undefined ? undefined : take(open, context, policy)));
  };
};

const take = (open: OpenSession, context: RequestContext, policy: RoutePolicy): Problem | undefined => {
  setOpenSession(context, open);
  return refuseHalfOpen(open.session, policy);
};

const load = async (given: Given, policy: RoutePolicy, digest: Buffer): Promise<OpenSession | undefined> => {
  const { app } = given;
  const { services, config, clock } = app;
  const cache = cacheOf(app);
  const { epoch } = cache;
  const row = await findSession(services.db.query, config, digest);
  if (row === undefined) return undefined;
  const data = await dataOf(given, digest, row);
  if (data === undefined) return undefined;
  // A page that asks by a timer would keep a forgotten session open for ever.
  const isTouched = policy.polls !== true && row.idleSeconds >= touchAfterSeconds; // protect: Q436 (policy.polls !== true -> true)
  if (isTouched) await touchSession(services.db.query, config, digest);
  const open = toOpenSession(row, digest, data);
  const now = clock.monotonic();
  const untilTouch = isTouched ? touchAfterSeconds : touchAfterSeconds - row.idleSeconds;
  const cached: Cached = { open, touchAt: now + untilTouch * 1000 };
  cache.put(digest.toString('base64url'), cached, epoch, now);
  return open;
};

/** What a row says of an open session. */
export const toOpenSession = (row: SessionRow, digest: Buffer, data: SessionData): OpenSession => {
  const { id, userId, way, state, provenAt, createdAt, isFresh, roles, version } = row;
  return {
    session: { id, userId, way, state, provenAt, createdAt, isFresh },
    // Who has not got all the way acts for nobody but themselves.
    actor: { id: userId, roles: state === 'full' ? roles : [] }, // protect: A4 (state === 'full' ? roles : [] -> roles)
    digest,
    data,
    version,
  };
};

/** Data that does not open was written, or put there, by somebody else: the session ends, and somebody is told (Q452). */
const dataOf = async ({ app, context }: Given, digest: Buffer, { id, userId, data }: SessionRow): Promise<SessionData | undefined> => {
  try {
    return openData(app, digest, data);
  } catch (error) {
    if (!(error instanceof CannotOpen || error instanceof SyntaxError)) throw error;
    await app.services.db.transaction(async (tx) => {
      await deleteSession(tx, digest);
      await recordSecurityEvent(tx, app, { type: 'session.unreadable', userId, details: { session: id }, context });
    });
    return undefined;
  }
};

/** Knows the user of the session of a request. Their roles come from `users`, with the session or moments before; never from it. */
export const sessionIdentity: IdentityProvider = (request) => {
  const context = contextOf(request);
  const open = openSessionOf(context);
  if (open === undefined || context.route === undefined) return undefined;
  return counts(open.session, context.route) ? open.actor : undefined; // protect: A4 (counts(open.session, context.route) -> true)
};

/** The open session of a cookie, as it is now; for what has just changed it. */
export const reload = async (app: AppContext, digest: Buffer, data: SessionData): Promise<OpenSession | undefined> => {
  const row = await findSession(app.services.db.query, app.config, digest);
  return row === undefined ? undefined : toOpenSession(row, digest, data);
};
