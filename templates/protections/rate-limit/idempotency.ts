import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Transaction } from 'kysely';
import Type, { type Static, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { AppContext } from '#src/context.ts';
import type { RequestContext } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { Reply } from '#src/protections/app-core/reply.ts';
import type { Database } from '#src/schema/tables.ts';

/** A key is free again after this long. */
export const keepKeysMs = 24 * 60 * 60_000;

/** A quoted or bare token: long enough to be unique, short enough to be stored. */
const format = /^"?([\w.:-]{8,128})"?$/;

const storedAnswer = Compile(Type.Object({ status: Type.Integer(), headers: Type.Record(Type.String(), Type.String()), json: Type.Unknown() }));

/** What a handler was given. */
export interface Attempt {
  readonly request: IncomingMessage;
  readonly context: RequestContext;
  readonly input: unknown;
  readonly app: Pick<AppContext, 'clock'>;
}

/**
 * For actions like payments: however often a client sends a request under one `Idempotency-Key` (draft-ietf-httpapi-
 * idempotency-key-header), it happens once, and every copy gets the answer of the first. Made once for each action:
 * `const once = idempotent(OrderView)`, then `once(tx, given, async () => created(...))` in the transaction of the action.
 * @throws Problem 400 without a usable key, 422 for a key that came with another request before.
 */
export const idempotent = <S extends TSchema>(output: S) => {
  const body = Compile(output);
  return async (tx: Transaction<Database>, attempt: Attempt, run: () => Promise<Reply<Static<S>>>): Promise<Reply<Static<S>>> => {
    const claim = claimOf(attempt);
    if (!(await take(tx, claim))) {
      const answer: unknown = JSON.parse(await answerOf(tx, claim));
      if (!storedAnswer.Check(answer) || !body.Check(answer.json)) throw new Error('A stored answer does not fit the schema of its action any more.');
      return { status: answer.status, headers: answer.headers, json: answer.json };
    }
    const reply = await run();
    const answer = JSON.stringify({ status: reply.status, headers: reply.headers, json: reply.json });
    await tx.updateTable('idempotency_keys').set({ answer }).where('actor', '=', claim.actor).where('key', '=', claim.key).execute();
    return reply;
  };
};

interface Claim {
  readonly actor: string;
  readonly key: string;
  readonly hash: string;
  readonly now: number;
}

const claimOf = ({ request, context, input, app }: Attempt): Claim => {
  const key = format.exec(String(request.headers['idempotency-key'] ?? ''))?.[1];
  if (key === undefined) throw new Problem(400, { detail: 'This request needs an Idempotency-Key header of 8 to 128 letters, digits, - or _.' });
  // Keys are guessed or reused by accident: each actor has a space of its own.
  if (context.actor === undefined) throw new Problem(401);
  return { actor: context.actor.id, key, hash: hash('sha256', JSON.stringify([request.method, context.route?.fullPath, input])), now: app.clock.now() };
};

/** Takes the key; a second request waits here until the first is committed. False when the key was taken before. */
const take = async (tx: Transaction<Database>, { actor, key, hash: requestHash, now }: Claim): Promise<boolean> => {
  const created = new Date(now);
  const taken = await tx
    .insertInto('idempotency_keys')
    .values({ actor, key, request_hash: requestHash, answer: null, created_at: created })
    .onConflict((conflict) =>
      conflict
        .columns(['actor', 'key'])
        .doUpdateSet({ request_hash: requestHash, answer: null, created_at: created })
        .where('idempotency_keys.created_at', '<', new Date(now - keepKeysMs)), // protect: Q427
    )
    .returning('key')
    .executeTakeFirst();
  return taken !== undefined;
};

const answerOf = async (tx: Transaction<Database>, { actor, key, hash: request }: Claim): Promise<string> => {
  const { request_hash: first, answer } = await tx
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'answer'])
    .where('actor', '=', actor)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (first !== request) throw new Problem(422, { detail: 'This Idempotency-Key came with another request before.' }); // protect: Q427
  return answer ?? 'null';
};
