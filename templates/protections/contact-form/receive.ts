import type { Static } from 'typebox';
import Type from 'typebox';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { HandlerArguments, InputSchemas } from '#src/protections/app-core/route.ts';
import { csrfField } from '#src/protections/csrf/field.ts';
import { enqueue } from '#src/protections/jobs/enqueue.ts';
import { type BusinessLimit, declareLimit, useUp } from '#src/protections/rate-limit/business-limits.ts';
import { closed } from '#src/protections/validation/core.ts';
import { text } from '#src/protections/validation/formats.ts';
import { contactMail, messageFields } from './mail.ts';
import { peopleOf } from './people.ts';
import { ageOf, leastMs, mostMs } from './ticket.ts';

/** What is sent: the message, and what tells people from programs. */
export const Sent = closed({
  ...messageFields,
  ...csrfField,
  ticket: text(100),
  /** A field that people do not see. */
  website: Type.Optional(text(2000)),
  /** For a check of your own; see `peopleOf`. */
  proof: Type.Optional(text(5000)),
});

const hourMs = 3_600_000;

/** All visitors together: what comes from many networks is no flood in the mailbox either. */
const mails: BusinessLimit & { readonly windowMs: number } = { name: 'contact-form.mails', scope: 'global', maximum: 50, windowMs: hourMs };
declareLimit(mails);

type Given = Pick<HandlerArguments<InputSchemas>, 'app' | 'context'>;

/**
 * Takes a message, and leaves the mail for a job. What a program sent is dropped, and the answer is the same: a difference would teach
 * it. Nothing of a dropped message is kept but the reason.
 * @throws Problem 422 `form_expired` for a form that lay open too long, 429 when too much has come in this hour.
 */
export const receive = async (given: Given, { name, email, message, ...signs }: Static<typeof Sent>): Promise<void> => {
  const { app, context } = given;
  const reason = await suspicion(given, signs);
  if (reason !== undefined) {
    app.log.info({ reason }, 'a message of the contact form was dropped');
    return;
  }
  await app.services.db.transaction(async (tx) => {
    await useUp(tx, mails, { context, app }).catch(refuseForNow(app.clock.now())); // protect: Q431
    await enqueue(tx, app, contactMail, { name, email, message });
  });
};

/** Why a message seems to come from a program. */
const suspicion = async (given: Given, { ticket, website = '', proof = '' }: Pick<Static<typeof Sent>, 'ticket' | 'website' | 'proof'>): Promise<string | undefined> => {
  const age = ageOf(given.app, ticket);
  if (website !== '') return 'the field that people do not see'; // protect: Q431
  if (age === undefined) return 'no ticket of this app'; // protect: Q431
  if (age < leastMs) return 'too fast'; // protect: Q431
  if (age > mostMs) throw new Problem(422, { detail: 'The form lay open for too long.', extensions: { code: 'form_expired' } }); // protect: Q431
  const { check } = peopleOf(given.app);
  return check === undefined || (await check(proof, given)) ? undefined : 'the check for people'; // protect: Q431 (check === undefined || (await check(proof, given)) -> true)
};

const refuseForNow =
  (now: number) =>
  (error: unknown): never => {
    if (!(error instanceof Problem) || error.status !== 409) throw error;
    const wait = Math.ceil((mails.windowMs - (now % mails.windowMs)) / 1000);
    throw new Problem(429, { headers: { 'retry-after': String(wait) } });
  };
