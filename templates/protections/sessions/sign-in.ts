import { afterCommit } from '#src/services/db/session.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { digestOf, newToken } from '#src/protections/encryption/token.ts';
import type { AppContext } from '#src/context.ts';
import type { Queries } from '#src/services/db/database.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { findUser } from '#src/services/users/users.ts';
import { endPreSession } from './binding.ts';
import { cacheOf } from './cache.ts';
import { describeClient } from './client.ts';
import { cookieName, removeCookie, sendCookie } from './cookie.ts';
import { type OpenSession, openSessionOf, setOpenSession } from './current.ts';
import { type SessionData, openData, sealData } from './data.ts';
import { factorsOf, hasSecondFactor } from './factors.ts';
import type { Given } from './given.ts';
import { reload, sessionCookieName } from './read.ts';
import { deleteSession, insertSession, rotateSession, sweepSessions } from './store.ts';
import type { SessionState } from './tables.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    /** A session was opened; `state` says how far. */
    'sign-in.succeeded': { readonly way: string; readonly state: SessionState };
    /** A proof was wrong, or there was nobody it could belong to. */
    'sign-in.failed': { readonly way: string };
    'second-factor.succeeded': { readonly way: string };
    'session.renewed': { readonly way: string };
    'session.ended': { readonly session: string };
    'sessions.ended': { readonly count: number };
  }
}

/** What a way to sign in has found out. */
export interface SignIn {
  readonly userId: string;
  /** The `signsIn` of the route. */
  readonly way: string;
  /** How much was proven: with `one` a second factor is asked for where the user has one; a passkey proves `many` at once. */
  readonly factors: 'one' | 'many';
  /** The session can only be used to set another password: the one that was shown is known to others. */
  readonly limitedTo?: 'password-change';
}

/** The answer to a sign-in. */
export type SignInOutcome = 'signed-in' | 'second-factor' | 'password-change';

const outcomes = { full: 'signed-in', 'second-factor': 'second-factor', 'password-change': 'password-change' } as const;

/** One answer to whatever is wrong: a wrong proof, an unknown name, a disabled account (CWE-204). */
export const signInRefused = (): Problem => new Problem(401, { headers: { 'www-authenticate': 'Session' } });

/**
 * Refuses a sign-in and keeps that it was tried (ASVS V16.3.1). `throw await signInFailed(...)`.
 * @param userId whose account was tried; null when there is none.
 */
export const signInFailed = async ({ app, context }: Given, { way, userId }: { readonly way: string; readonly userId: string | null }): Promise<Problem> => {
  await recordSecurityEvent(app.services.db.query, app, { type: 'sign-in.failed', userId, details: { way }, context }); // protect: A4
  return signInRefused();
};

/**
 * The one way to a session (ASVS V6.3.4): whatever proves who somebody is ends here. The browser gets another cookie than it came with
 * (CWE-384), a disabled user none. Not inside a transaction: it has its own.
 * @throws Problem 401 for a user who is disabled or gone; 400 over plain http.
 * @throws Error when the route does not say `signsIn` with this way.
 */
export const signIn = async (given: Given, { way, userId, factors, limitedTo }: SignIn): Promise<SignInOutcome> => {
  const { app, context, request } = given;
  const { route } = context;
  if (route?.signsIn !== way) throw new Error(`${route?.method} ${route?.fullPath} does not sign in by \`${way}\`: say \`signsIn\` in its policy.`); // protect: A4
  if (cookieName(given, sessionCookieName) === undefined) throw new Problem(400, { detail: 'Use https.' }); // protect: B4
  const before = openSessionOf(context);
  const opened = await app.services.db.transaction(async (tx) => {
    const user = await findUser(tx, userId);
    // protect: A4 (user === undefined || user.disabledAt !== null -> user === undefined)
    if (user === undefined || user.disabledAt !== null) return undefined;
    const isAsked = factors === 'one' && (await hasSecondFactor(factorsOf(app).secondFactors, tx, userId));
    const state: SessionState = isAsked ? 'second-factor' : (limitedTo ?? 'full'); // protect: A4 (isAsked ? 'second-factor' : (limitedTo ?? 'full') -> limitedTo ?? 'full')
    if (before !== undefined) await deleteSession(tx, before.digest); // protect: Q406
    await sweepSessions(tx, app.config); // protect: Q436
    const client = describeClient(request);
    const token = await insertSession(tx, { userId, way, state, limitedTo: limitedTo ?? null, client, address: context.clientIp });
    await recordSecurityEvent(tx, app, { type: 'sign-in.succeeded', userId, details: { way, state }, context }); // protect: A4
    return { token, state };
  });
  if (opened === undefined) throw await signInFailed(given, { way, userId });
  if (before !== undefined) cacheOf(app).forget(before.session.userId);
  await enter(given, opened.token, {});
  return outcomes[opened.state];
};

/** Hands the new cookie out; what this request does from here on belongs to the new session. */
const enter = async (given: Given, token: string, data: SessionData): Promise<void> => {
  const { app, context } = given;
  sendCookie(given, sessionCookieName, token);
  endPreSession(given);
  const open = await reload(app, digestOf(token), data);
  setOpenSession(context, open);
  context.actor = open?.actor;
};

const sessionOrRefuse = ({ context }: Given): OpenSession => {
  const open = openSessionOf(context);
  if (open === undefined) throw signInRefused();
  return open;
};

interface Rise {
  readonly event: 'second-factor.succeeded' | 'session.renewed';
  readonly way: string;
  readonly startsAnew: boolean;
  readonly state: SessionState | 'as-limited';
}

/** Another cookie for the session of the request; the one before opens nothing any more (ASVS V7.2.4). */
const rise = async (given: Given, open: OpenSession, { event, way, startsAnew, state }: Rise): Promise<void> => {
  const { app, context } = given;
  const token = newToken();
  const digest = digestOf(token);
  const data = await app.services.db.transaction(async (tx) => {
    // The row as it is now, held until the end: what another request wrote moments ago moves along.
    const row = await tx.selectFrom('sessions').select(['limited_to', 'data']).where('token_hash', '=', open.digest).forUpdate().executeTakeFirst();
    if (row === undefined) throw signInRefused();
    const kept = openData(app, open.digest, row.data);
    const promotion = { startsAnew, state: state === 'as-limited' ? (row.limited_to ?? 'full') : state, data: sealData(app, digest, kept) };
    await rotateSession(tx, open.digest, digest, promotion);
    await recordSecurityEvent(tx, app, { type: event, userId: open.session.userId, details: { way }, context });
    return kept;
  });
  cacheOf(app).forget(open.session.userId);
  await enter(given, token, data);
};

/**
 * The second factor was right: the session becomes a whole one, under another cookie.
 * @throws Problem 401 without a session that waits for one.
 */
export const completeSecondFactor = async (given: Given, { way }: { readonly way: string }): Promise<void> => {
  const open = sessionOrRefuse(given);
  if (open.session.state !== 'second-factor') throw signInRefused(); // protect: A4
  await rise(given, open, { event: 'second-factor.succeeded', way, startsAnew: true, state: 'as-limited' });
};

/**
 * Step-up: the user proved once more who they are, or set another password. The session goes on under another cookie, its proof is
 * fresh, and a limit to changing the password is over.
 * @throws Problem 401 without a session, and for one that waits for a second factor.
 */
export const renewSession = async (given: Given, { way }: { readonly way: string }): Promise<void> => {
  const open = sessionOrRefuse(given);
  if (open.session.state === 'second-factor') throw signInRefused(); // protect: A4
  await rise(given, open, { event: 'session.renewed', way, startsAnew: open.session.state !== 'full', state: 'full' });
};

/**
 * What a browser is told to forget at sign-out (ASVS V14.3.1): put it on the answer. Not all cookies: that would reach those of other
 * hosts of the domain, and the one by which a browser is known again while strangers guess. The session cookie is removed by itself.
 */
export const clearSiteData = { 'clear-site-data': '"cache", "storage"' } as const;

/** Signs out. Without a session nothing happens. */
export const endSession = async (given: Given): Promise<void> => {
  const { app, context } = given;
  const open = openSessionOf(context);
  if (open === undefined) return;
  const { userId, id } = open.session;
  await app.services.db.transaction(async (tx) => {
    await deleteSession(tx, open.digest); // protect: Q406
    await recordSecurityEvent(tx, app, { type: 'session.ended', userId, details: { session: id }, context });
  });
  cacheOf(app).forget(userId);
  setOpenSession(context, undefined);
  context.actor = undefined;
  removeCookie(given, sessionCookieName);
};

/**
 * Ends all sessions of a user, and signs out their devices, with the transaction of what it is done for.
 * @param except keeps the session of this request: renew it behind the transaction.
 */
export const endSessionsOf = async (
  tx: Queries,
  app: AppContext,
  userId: string,
  { except }: { readonly except?: Given } = {},
): Promise<void> => {
  const kept = except === undefined ? undefined : openSessionOf(except.context);
  let ending = tx.deleteFrom('sessions').where('user_id', '=', userId);
  if (kept !== undefined) ending = ending.where('token_hash', '<>', kept.digest);
  const { numDeletedRows } = await ending.executeTakeFirst();
  await tx.deleteFrom('devices').where('user_id', '=', userId).execute(); // protect: Q418
  await tx.deleteFrom('native_codes').where('user_id', '=', userId).execute();
  await recordSecurityEvent(tx, app, {
    type: 'sessions.ended',
    userId,
    details: { count: Number(numDeletedRows) },
    ...(except === undefined ? {} : { context: except.context }),
  });
  afterCommit(() => cacheOf(app).forget(userId));
};
