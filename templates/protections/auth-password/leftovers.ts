import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { AppContext } from '#src/context.ts';
import { hasherOf } from './hashing/hasher.ts';
import { replaceHash } from './passwords.ts';

const batch = 200;

/** Every stored hash, a few at a time, in the order of the users' ids. */
async function* storedHashes({ services }: AppContext): AsyncGenerator<{ readonly user_id: string; readonly hash: string }> {
  let last = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await services.db.query.selectFrom('passwords').select(['user_id', 'hash']).where('user_id', '>', last).orderBy('user_id').limit(batch).execute();
    yield* rows;
    last = rows.at(-1)?.user_id ?? last;
    if (rows.length < batch) return;
    await yieldToOthers();
  }
}

/** How many accounts have a hash of each scheme: everything but `argon2id` is left from before (ASVS V11.2.2). */
export const countSchemes = async (app: AppContext): Promise<ReadonlyMap<string, number>> => {
  const hasher = hasherOf(app);
  const counts = new Map<string, number>();
  for await (const { hash } of storedHashes(app)) {
    const scheme = hasher.schemeOf(hash);
    counts.set(scheme, (counts.get(scheme) ?? 0) + 1);
  }
  return counts;
};

/**
 * Puts every old hash under Argon2id, for accounts that do not come back. Their passwords stay as they are.
 * @returns how many were put under it; those that changed meanwhile are not.
 */
export const wrapOldHashes = async (app: AppContext): Promise<number> => {
  const hasher = hasherOf(app);
  let wrapped = 0;
  for await (const { user_id: userId, hash } of storedHashes(app)) {
    const to = await hasher.wrap(hash);
    if (to !== undefined && (await replaceHash(app.services.db.query, userId, { from: hash, to }))) wrapped += 1;
  }
  return wrapped;
};
