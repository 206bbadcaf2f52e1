import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { type Reply, noContent } from '#src/protections/app-core/reply.ts';
import { type BoundKind, longestId } from './event.ts';
import { type Remembered, remember } from './memory.ts';
import { webhooksOf } from './registry.ts';
import type { Claim, HeaderReader, Message, Scheme } from './scheme.ts';
import type { WebhookSecret } from './secrets.ts';
import { verify } from './verify.ts';

/** What one webhook takes in. */
export interface Webhook {
  readonly id: string;
  readonly scheme: Scheme;
  readonly kinds: ReadonlyMap<string, BoundKind>;
}

/** Two of a header that may stand once: one reader takes the first, another the last (CWE-436). */
const headersOf = ({ headersDistinct }: IncomingMessage): HeaderReader => (name) => {
  const values = headersDistinct[name];
  return values?.length === 1 ? values[0] : undefined; // protect: Q482 (values?.length === 1 ? -> values !== undefined ?)
};

/**
 * Takes in one message: verified to the byte before anything reads it, remembered, and left to a job. The sender gets its answer
 * before the work begins.
 * @throws Problem 401 for a message that is forged, old or not signed; 400 or 422 for a genuine one that cannot be used.
 */
export const receive = async (webhook: Webhook, app: AppContext, request: IncomingMessage, body: Buffer): Promise<Reply<never>> => {
  const { id, scheme, kinds } = webhook;
  const header = headersOf(request);
  const claim = scheme.claimOf(header, body);
  const secret = claim && verify(claim, { scheme, secrets: secretsFor(app, id), now: app.clock.now(), toleranceMs: app.config.WEBHOOK_TOLERANCE_S * 1000 });
  if (claim === undefined || secret === undefined) {
    app.log.warn({ webhook: id, signed: claim !== undefined }, 'a webhook message was refused');
    throw new Problem(401, { headers: { 'www-authenticate': 'Signature' } });
  }
  const message = scheme.read(header, body);
  const answer = scheme.answerTo?.(message);
  if (answer !== undefined) return { status: 200, headers: { 'x-content-type-options': 'nosniff' }, text: { type: 'text/plain; charset=utf-8', text: answer } };
  const kind = kinds.get(message.type);
  // A sender that gets an error for what nobody asked for gives the whole webhook up.
  if (kind === undefined) return noContent();
  return take(app, kind, message, rememberedAs(id, claim, message, secret));
};

const secretsFor = (app: AppContext, id: string): readonly WebhookSecret[] => webhooksOf(app).find((open) => open.id === id)?.secrets ?? [];

/** An id that is not signed can be made up: what was signed counts as well, so that a recorded message stays the same message. */
const rememberedAs = (webhook: string, { signed, sentAt }: Claim, { id, idIsSigned }: Message, { tag }: WebhookSecret): Remembered => {
  const digest = hash('sha256', Buffer.concat(signed.map((piece) => Buffer.from(piece))), 'buffer');
  const eventId = id ?? digest.toString('base64url');
  if (eventId === '' || eventId.length > longestId) throw new Problem(422, { detail: 'The id of the event cannot be kept.' });
  return {
    webhook,
    eventId,
    digest: idIsSigned ? null : digest, // protect: Q482 (idIsSigned ? null : digest -> null)
    secretTag: sentAt === undefined ? tag : null,
  };
};

/** Remembers the message and leaves its work, both or neither: a sender that gets an error repeats it, and then it is new. */
const take = async (app: AppContext, kind: BoundKind, { content }: Message, remembered: Remembered): Promise<Reply<never>> => {
  const leave = kind.accept(content);
  if (leave === undefined) throw new Problem(422, { detail: 'The event does not fit the schema of its kind.' });
  return app.services.db.transaction(async (tx) => {
    const isNew = await remember(tx, app.clock.now(), remembered);
    if (!isNew) return noContent(); // protect: Q482
    await leave(tx, app, remembered.eventId);
    return { status: 202, headers: {} };
  });
};
