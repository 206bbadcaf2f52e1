import type { AppContext } from '#src/context.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import { type Job, defineJob } from '#src/protections/jobs/job.ts';
import { networkOf } from '#src/protections/outbound-http/network.ts';
import { closed } from '#src/protections/validation/core.ts';
import { uuid } from '#src/protections/validation/formats.ts';
import type { Queries } from '#src/services/db/database.ts';
import { afterCommit } from '#src/services/db/session.ts';
import { pauseAfter } from './backoff.ts';
import { deliver } from './deliver.ts';
import { flightsOf } from './flights.ts';

interface Payload {
  delivery: string;
}

/**
 * One attempt to deliver a message. The job itself calls nobody: it leaves the next attempt, and begins this one when that is
 * committed. So no transaction and no worker waits for a stranger's host, and a process that dies in the middle loses nothing.
 */
export const attempt: Job<Payload> = defineJob({
  type: 'webhooks-out.attempt',
  payload: closed({ delivery: uuid() }),
  run: async ({ payload: { delivery }, app, tx }) => begin(tx, app, delivery),
});

/** Leaves an attempt, once for each number. */
export const leaveAttempt = (tx: Queries, app: AppContext, delivery: string, number: number, pauseMs = 0): Promise<string> =>
  enqueue(tx, app, attempt, { delivery }, { idempotencyKey: `${delivery}.${number}`, notBefore: new Date(app.clock.now() + pauseMs) });

/** Until there is room, ms. */
const roomPauseMs = 15_000;

const begin = async (tx: Queries, app: AppContext, id: string): Promise<void> => {
  const { clock, config } = app;
  const now = new Date(clock.now());
  const due = await tx
    .selectFrom('webhook_deliveries')
    .select(['id', 'endpoint_id', 'attempts'])
    .where('id', '=', id)
    .where('status', '=', 'waiting')
    .forUpdate()
    .executeTakeFirst();
  if (due === undefined) return;
  const { endpoint_id: endpoint, attempts } = due;
  // Its last attempt took its process down.
  if (attempts >= config.WEBHOOKS_OUT_ATTEMPTS) {
    await tx.updateTable('webhook_deliveries').set({ status: 'dead', finished_at: now }).where('id', '=', id).execute();
    return;
  }
  const random = networkOf(app).random();
  if (!flightsOf(app).isFree(endpoint)) {
    const notBefore = new Date(clock.now() + Math.round(roomPauseMs * (0.5 + random)));
    await enqueue(tx, app, attempt, { delivery: id }, { notBefore });
    return;
  }
  const number = attempts + 1;
  await tx.updateTable('webhook_deliveries').set({ attempts: number }).where('id', '=', id).execute();
  await leaveAttempt(tx, app, id, number, pauseAfter(number, random)); // protect: W1
  afterCommit(() => flightsOf(app).begin(endpoint, () => deliver(app, id)));
};
