import type { AppContext } from '#src/context.ts';
import { OutboundError } from '#src/protections/outbound-http/outbound-error.ts';
import { safeFetch } from '#src/protections/outbound-http/safe-fetch.ts';
import { conclude } from './conclude.ts';
import { signingSecrets } from './secrets.ts';
import { signedHeaders } from './sign.ts';

/** What became of one attempt. */
export interface Outcome {
  readonly delivered: boolean;
  /** What the endpoint answered; null when it did not. */
  readonly status: number | null;
  /** For the owner. One word for everything that is no answer: others would tell what is inside of our network (CWE-918). */
  readonly failure: 'status' | 'no-answer' | null;
}

/** More than this of an answer is not read, bytes. */
const mostAnswerBytes = 65_536;

/** Sends a message once, and writes down what became of it. Never rejects: what cannot be written down is tried again. */
export const deliver = async (app: AppContext, id: string): Promise<void> => {
  try {
    const message = await load(app, id);
    if (message === undefined) return;
    await conclude(app, message, await send(app, message));
  } catch (error) {
    app.log.error({ err: error, delivery: id }, 'an attempt to deliver a webhook was lost');
  }
};

const load = ({ services }: AppContext, id: string) =>
  services.db.query
    .selectFrom('webhook_deliveries as delivery')
    .innerJoin('webhook_endpoints as endpoint', 'endpoint.id', 'delivery.endpoint_id')
    .select(['delivery.id', 'delivery.body', 'delivery.attempts', 'delivery.endpoint_id', 'endpoint.url', 'endpoint.owner_id'])
    .select(['endpoint.secret', 'endpoint.previous_secret', 'endpoint.previous_until'])
    .where('delivery.id', '=', id)
    .where('delivery.status', '=', 'waiting')
    .executeTakeFirst();

type Loaded = NonNullable<Awaited<ReturnType<typeof load>>>;

const send = async (app: AppContext, message: Loaded): Promise<Outcome> => {
  const { id, url, body } = message;
  const now = app.clock.now();
  try {
    const { status } = await safeFetch(app, url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signedHeaders({ id: `msg_${id}`, now, body }, signingSecrets(app, message, now)) },
      body,
      // Users point it anywhere: where that leads is looked at when the connection is made.
      reach: 'public',
      maxBytes: mostAnswerBytes,
      deadlineMs: app.config.WEBHOOKS_OUT_DEADLINE_MS,
    });
    return status >= 200 && status < 300 ? { delivered: true, status, failure: null } : { delivered: false, status, failure: 'status' };
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    if (error.answered !== undefined) return { delivered: false, status: error.answered, failure: 'status' };
    return { delivered: false, status: null, failure: 'no-answer' }; // protect: W1 ('no-answer' -> error.reason)
  }
};
