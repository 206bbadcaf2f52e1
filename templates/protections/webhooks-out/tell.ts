import type { Static, TSchema } from 'typebox';
import type { AppContext } from '#src/context.ts';
import type { Queries } from '#src/services/db/database.ts';
import { sql } from 'kysely';
import { leaveAttempt } from './attempt.ts';
import { type WebhookEvent, eventTypesOf } from './event.ts';

export interface Told<S extends TSchema> {
  /** Whose endpoints hear of it: the owner of what it is about, and nobody else. */
  readonly owner: string;
  readonly data: Static<S>;
}

/**
 * Tells the endpoints of a user what happened, in the transaction in which it did: both happen, or neither.
 * @returns how many endpoints will hear of it.
 * @throws TypeError for an event that no module lists.
 */
export const tellWebhooks = async <S extends TSchema>(tx: Queries, app: AppContext, event: WebhookEvent<S>, { owner, data }: Told<S>): Promise<number> => {
  if (!eventTypesOf(app).has(event.type)) throw new TypeError(`No module tells of \`${event.type}\`: nobody could ask for it.`);
  const endpoints = await tx
    .selectFrom('webhook_endpoints')
    .select('id')
    .where('owner_id', '=', owner) // protect: W1
    .where('disabled_at', 'is', null) // protect: W1
    .where(sql<boolean>`${event.type} = any(events)`) // protect: W1
    .execute();
  for (const { id } of endpoints) await leaveMessage(tx, app, id, event, data);
  return endpoints.length;
};

/** Leaves a message for one endpoint. @returns the id of its delivery. */
export const leaveMessage = async <S extends TSchema>(tx: Queries, app: AppContext, endpoint: string, event: WebhookEvent<S>, data: Static<S>): Promise<string> => {
  const now = new Date(app.clock.now());
  const body = JSON.stringify({ type: event.type, timestamp: now.toISOString(), data: event.select(data) });
  const { id } = await tx
    .insertInto('webhook_deliveries')
    .values({ endpoint_id: endpoint, type: event.type, body, created_at: now, last_status: null, last_failure: null, finished_at: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  await leaveAttempt(tx, app, id, 0);
  return id;
};
