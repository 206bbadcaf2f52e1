import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { digestOf } from '#src/protections/encryption/token.ts';
import { insertSession } from '#src/protections/sessions/store.ts';
import type { SessionState } from '#src/protections/sessions/tables.ts';
import { type User, addUser } from '#src/services/users/users.ts';
import type { TestApp } from '#tests/support/app.ts';
import { Browser } from './browser.ts';

/** A user of this run only, with an address that nobody else has. */
export const makeUser = async (
  app: TestApp,
  { email = `${randomUUID()}@people.test`, roles = [] }: { readonly email?: string; readonly roles?: readonly string[] } = {},
): Promise<User> => {
  const user = await addUser(app.context.services.db.query, { email, roles, verifiedAt: new Date(app.clock.now()) });
  if (user === undefined) throw new Error(`${email} is taken`);
  return user;
};

interface SignedInOptions {
  readonly state?: SessionState;
  readonly way?: string;
  /** What a session that waits for a second factor becomes behind it. */
  readonly limitedTo?: 'password-change';
}

/**
 * A browser in which `user` (somebody new unless said otherwise) is signed in, with a proof that is fresh. The row is made directly:
 * for tests of what comes behind a sign-in, whatever the way.
 */
export const signedIn = async (app: TestApp, user?: Pick<User, 'id'>, { state = 'full', way = 'test', limitedTo }: SignedInOptions = {}): Promise<Browser> => {
  const { id: userId } = user ?? (await makeUser(app));
  const browser = new Browser(app);
  const session = { userId, way, state, limitedTo: limitedTo ?? null, client: 'Test', address: browser.address };
  browser.setCookie('sid', await insertSession(app.context.services.db.query, session));
  return browser;
};

/** Time passes for everything that a user has: their sessions were opened, used and proven `minutes` earlier. */
export const ageSessions = async (app: TestApp, userId: string, minutes: number): Promise<void> => {
  const earlier = (column: string) => sql<Date>`${sql.ref(column)} - make_interval(mins => ${minutes})`;
  await app.context.services.db.query
    .updateTable('sessions')
    .set({ created_at: earlier('created_at'), last_seen_at: earlier('last_seen_at'), proven_at: earlier('proven_at') })
    .where('user_id', '=', userId)
    .execute();
  await settled(app);
};

/** The proof of a user's sessions is too old for what asks for a step-up. */
export const ageProof = async (app: TestApp, userId: string): Promise<void> => {
  const earlier = sql<Date>`proven_at - make_interval(mins => ${app.context.config.SESSION_STEP_UP_MINUTES})`;
  await app.context.services.db.query.updateTable('sessions').set({ proven_at: earlier }).where('user_id', '=', userId).execute();
  await settled(app);
};

/**
 * Time passes for whoever waits because of too many tries.
 * @param subjects what the tries are counted under; those of everybody would be those of other test files too
 */
export const ageAttempts = async (app: TestApp, seconds: number, subjects: readonly string[]): Promise<void> => {
  await app.context.services.db.query
    .updateTable('attempts')
    .set({ last_at: sql<Date>`last_at - make_interval(secs => ${seconds})` })
    .where('subject', 'in', subjects.map(digestOf))
    .execute();
};

/** Resolves when the app has heard of every change that was committed before, by whatever process. */
export const settled = async ({ context }: TestApp): Promise<void> => {
  const { db } = context.services;
  const mark = randomUUID();
  const { promise, resolve } = Promise.withResolvers<void>();
  const listening = db.listen({ channel: 'sessions_changed', heard: (payload) => (payload === mark ? resolve() : undefined), lost: resolve });
  while (!listening.isUp()) await sql`select 1`.execute(db.query);
  await sql`select pg_notify('sessions_changed', ${mark})`.execute(db.query);
  await promise;
  listening.stop();
};
