import { randomUUID } from 'node:crypto';
import { type ExpressionBuilder, sql } from 'kysely';
import type { AppContext } from '#src/context.ts';
import type { Actor } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { destinationOf, destinationsOf } from '#src/protections/outbound-http/destination.ts';
import { OutboundError } from '#src/protections/outbound-http/outbound-error.ts';
import type { Database } from '#src/schema/tables.ts';
import type { Queries } from '#src/services/db/database.ts';
import { eventTypesOf } from './event.ts';
import { openSecret, overlapMs, sealSecret } from './secrets.ts';
import { newSecret } from './sign.ts';

export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly events: string[];
  readonly created_at: Date;
  readonly failing_since: Date | null;
  readonly disabled_at: Date | null;
}

export interface NewEndpoint {
  readonly url: string;
  readonly events: readonly string[];
}

const columns = ['id', 'url', 'events', 'created_at', 'failing_since', 'disabled_at'] as const;

type Endpoints = ExpressionBuilder<Database, 'webhook_endpoints'>;

/** The most deliveries that are shown. */
const mostShown = 50;

/** The endpoints of `actor`; those of others do not exist here. */
export const endpointsOf = (actor: Actor, db: Queries, app: AppContext) => {
  const mine = (eb: Endpoints) => eb('webhook_endpoints.owner_id', '=', actor.id); // protect: W1 ('=', actor.id -> '<>', '')
  const now = (): Date => new Date(app.clock.now());

  return {
    list: (): Promise<Endpoint[]> => db.selectFrom('webhook_endpoints').select(columns).where(mine).orderBy('created_at').orderBy('id').execute(),

    /**
     * Adds an endpoint. Call it in a transaction.
     * @returns it with its secret, which nothing shows again.
     * @throws Problem 422 for an address that is none, or an event that there is not; 409 for one too many.
     */
    async create({ url, events }: NewEndpoint): Promise<{ readonly endpoint: Endpoint; readonly secret: string }> {
      checkUrl(app, url); // protect: W1
      checkEvents(app, events);
      // Of two at once one waits here, and then counts the other.
      await sql`select pg_advisory_xact_lock(hashtextextended(${`webhook_endpoints ${actor.id}`}, 0))`.execute(db);
      const { count } = await db.selectFrom('webhook_endpoints').select((eb) => eb.fn.countAll<string>().as('count')).where(mine).executeTakeFirstOrThrow();
      if (Number(count) >= app.config.WEBHOOKS_OUT_ENDPOINTS) throw new Problem(409, { detail: 'There are as many endpoints as one may have.' }); // protect: W1
      const [id, secret] = [randomUUID(), newSecret()];
      const row = { id, owner_id: actor.id, url, events: [...new Set(events)], secret: sealSecret(app, 'secret', id, secret), created_at: now() };
      const endpoint = await db
        .insertInto('webhook_endpoints')
        .values({ ...row, previous_secret: null, previous_until: null, failing_since: null, disabled_at: null })
        .returning(columns)
        .executeTakeFirstOrThrow();
      return { endpoint, secret };
    },

    /** Gives an endpoint a new secret; the one before signs too, for a day. Call it in a transaction. @returns undefined when there is none. */
    async rotate(id: string): Promise<string | undefined> {
      const row = await db.selectFrom('webhook_endpoints').select('secret').where(mine).where('id', '=', id).forUpdate().executeTakeFirst();
      if (row === undefined) return undefined;
      const secret = newSecret();
      const previous = sealSecret(app, 'previous', id, openSecret(app, 'secret', id, row.secret));
      const set = { secret: sealSecret(app, 'secret', id, secret), previous_secret: previous, previous_until: new Date(app.clock.now() + overlapMs) };
      await db.updateTable('webhook_endpoints').set(set).where(mine).where('id', '=', id).execute();
      return secret;
    },

    async enable(id: string): Promise<Endpoint | undefined> {
      const set = { disabled_at: null, failing_since: null };
      return db.updateTable('webhook_endpoints').set(set).where(mine).where('id', '=', id).returning(columns).executeTakeFirst();
    },

    find: (id: string): Promise<Endpoint | undefined> => db.selectFrom('webhook_endpoints').select(columns).where(mine).where('id', '=', id).executeTakeFirst(),

    async remove(id: string): Promise<boolean> {
      const { numDeletedRows } = await db.deleteFrom('webhook_endpoints').where(mine).where('id', '=', id).executeTakeFirst();
      return numDeletedRows > 0n;
    },

    /** The latest messages to an endpoint; none when it is not one of the actor's. */
    deliveries: (id: string) =>
      db
        .selectFrom('webhook_deliveries')
        .select(['id', 'type', 'status', 'attempts', 'last_status', 'last_failure', 'created_at', 'finished_at'])
        .where('endpoint_id', 'in', (eb) => eb.selectFrom('webhook_endpoints').select('webhook_endpoints.id').where(mine).where('webhook_endpoints.id', '=', id))
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(mostShown)
        .execute(),
  };
};

const checkUrl = ({ config }: AppContext, url: string): void => {
  try {
    destinationOf(url, destinationsOf(config, 'public'));
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new Problem(422, { detail: 'Only public hosts can be told, by https.', extensions: { path: '/body/url', rule: 'public-https' } });
  }
};

const checkEvents = (app: AppContext, events: readonly string[]): void => {
  const known = eventTypesOf(app);
  const isUnknown = events.some((type) => !known.has(type));
  if (isUnknown) throw new Problem(422, { detail: 'There is no such event.', extensions: { path: '/body/events', rule: 'known-event' } }); // protect: W1
};
