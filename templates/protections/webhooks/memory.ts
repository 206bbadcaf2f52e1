import { sql } from 'kysely';
import type { AppContext } from '#src/context.ts';
import type { Queries } from '#src/services/db/database.ts';
import { webhooksOf } from './registry.ts';

/** One message, as it is remembered. */
export interface Remembered {
  readonly webhook: string;
  readonly eventId: string;
  /** SHA-256 of what was signed, where the signature does not cover the id; else null. */
  readonly digest: Buffer | null;
  /** The secret that it was signed with, where no time is signed: as long as that counts, the message could come again. */
  readonly secretTag: string | null;
}

/**
 * Remembers a message, in the transaction that leaves its work. Of copies that come at once, whichever processes they reach, one is
 * new: the others wait here for its commit.
 * @returns false for one that came before.
 */
export const remember = async (tx: Queries, now: number, { webhook, eventId, digest, secretTag }: Remembered): Promise<boolean> => {
  const row = await tx
    .insertInto('webhook_events')
    .values({ webhook, event_id: eventId, digest, secret_tag: secretTag, received_at: new Date(now) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('event_id')
    .executeTakeFirst();
  return row !== undefined;
};

const dayMs = 86_400_000;

/** What one run deletes at most: it must end long before the statement timeout. */
const mostRows = 10_000;

/** Forgets messages that nobody sends again, and that would be refused for their time or their secret. */
export const forgetOldEvents = async (tx: Queries, app: AppContext): Promise<void> => {
  const now = app.clock.now();
  const before = new Date(now - app.config.WEBHOOK_KEEP_DAYS * dayMs);
  const tags = webhooksOf(app).flatMap(({ secrets }) => secrets.filter(({ until }) => now <= until).map(({ tag }) => tag));
  const isReplayable = sql`secret_tag is not null and secret_tag = any(${tags}::text[])`; // protect: Q482 (secret_tag is not null and secret_tag = any(${tags}::text[]) -> false)
  await sql`delete from webhook_events where ctid in
    (select ctid from webhook_events where received_at < ${before} and not (${isReplayable}) limit ${mostRows})`.execute(tx);
};
