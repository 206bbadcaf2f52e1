import type { AppContext } from '#src/context.ts';
import { isUserId } from '#src/protections/jobs/actor.ts';
import type { Queries } from '#src/services/db/database.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import type { Outcome } from './deliver.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    /** An endpoint took no message for too long, or said that it is gone. */
    'webhook-endpoint.disabled': { readonly endpoint: string };
  }
}

export interface Attempted {
  readonly id: string;
  readonly attempts: number;
  readonly endpoint_id: string;
  readonly owner_id: string;
}

const hourMs = 3_600_000;

/** The endpoint is gone for good (RFC 9110 section 15.5.11). */
const gone = 410;

/** Writes down what became of an attempt: the message is delivered, waits for its next attempt, or is dead. */
export const conclude = (app: AppContext, attempted: Attempted, outcome: Outcome): Promise<void> =>
  app.services.db.transaction(async (tx) => {
    const now = new Date(app.clock.now());
    const { id, attempts, endpoint_id: endpoint } = attempted;
    const { delivered, status, failure } = outcome;
    const isLast = attempts >= app.config.WEBHOOKS_OUT_ATTEMPTS; // protect: W1 (attempts >= app.config.WEBHOOKS_OUT_ATTEMPTS -> false)
    const end = delivered ? 'delivered' : isLast ? 'dead' : undefined;
    await tx
      .updateTable('webhook_deliveries')
      .set({ last_status: status, last_failure: failure, ...(end === undefined ? {} : { status: end, finished_at: now }) })
      .where('id', '=', id)
      .where('status', '=', 'waiting')
      .execute();
    if (delivered) await tx.updateTable('webhook_endpoints').set({ failing_since: null }).where('id', '=', endpoint).execute();
    else await countFailure(tx, app, attempted, status === gone);
  });

const countFailure = async (tx: Queries, app: AppContext, { endpoint_id: id, owner_id: owner }: Attempted, isGone: boolean): Promise<void> => {
  const now = new Date(app.clock.now());
  const { failing_since: since } = await tx
    .updateTable('webhook_endpoints')
    .set((eb) => ({ failing_since: eb.fn.coalesce('failing_since', eb.val(now)) }))
    .where('id', '=', id)
    .returning('failing_since')
    .executeTakeFirstOrThrow();
  const failingMs = now.getTime() - (since ?? now).getTime();
  const isLong = failingMs >= app.config.WEBHOOKS_OUT_DISABLE_HOURS * hourMs; // protect: W1 (failingMs >= app.config.WEBHOOKS_OUT_DISABLE_HOURS * hourMs -> false)
  if (isLong || isGone) await disable(tx, app, id, owner); // protect: W1 (isLong || isGone -> isLong)
};

/** Sends no more to an endpoint; what waits for it is given up. Its owner can enable it again. */
const disable = async (tx: Queries, app: AppContext, id: string, owner: string): Promise<void> => {
  const now = new Date(app.clock.now());
  const { numUpdatedRows } = await tx.updateTable('webhook_endpoints').set({ disabled_at: now }).where('id', '=', id).where('disabled_at', 'is', null).executeTakeFirst();
  if (numUpdatedRows === 0n) return;
  const waiting = tx.updateTable('webhook_deliveries').set({ status: 'dead', finished_at: now }).where('endpoint_id', '=', id);
  await waiting.where('status', '=', 'waiting').execute(); // protect: W1
  await recordSecurityEvent(tx, app, { type: 'webhook-endpoint.disabled', userId: isUserId(owner) ? owner : null, details: { endpoint: id } });
};
