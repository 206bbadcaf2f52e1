import type { AppContext } from '#src/context.ts';
import { digestOf } from '#src/protections/encryption/token.ts';
import { browserBinding } from '#src/protections/sessions/binding.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import type { Queries } from '#src/services/db/database.ts';
import type { Tables } from './tables.ts';

export type Ceremony = Tables['passkey_challenges']['ceremony'];

/** How long a ceremony may take, ms. */
export const ceremonyMs = 5 * 60_000;

/** Remembers a challenge for one ceremony in this browser. Only its digest is kept. */
export const keepChallenge = async (given: Given, ceremony: Ceremony, challenge: string): Promise<void> => {
  const { app } = given;
  const expiresAt = new Date(app.clock.now() + ceremonyMs);
  await app.services.db.query
    .insertInto('passkey_challenges')
    .values({ digest: digestOf(challenge), ceremony, binding: browserBinding(given), expires_at: expiresAt })
    .execute();
};

/**
 * Uses a challenge up, whatever comes of the ceremony. One statement decides, so that parallel requests cannot share one.
 * @returns false for a challenge that was used, is too old, was given to another browser or session, or for another ceremony.
 */
export const spendChallenge = async (given: Given, ceremony: Ceremony, challenge: string): Promise<boolean> => {
  const { app } = given;
  const spent = await app.services.db.query
    .updateTable('passkey_challenges')
    .set({ spent: true })
    .where('digest', '=', digestOf(challenge))
    .where('spent', '=', false) // protect: Q454
    .where('binding', '=', browserBinding(given)) // protect: Q454
    .where('ceremony', '=', ceremony) // protect: Q454
    .where('expires_at', '>', new Date(app.clock.now())) // protect: Q454
    .returning('ceremony')
    .executeTakeFirst();
  return spent !== undefined;
};

const dayMs = 86_400_000;

/** Deletes challenges that are long over. */
export const deleteOldChallenges = async (tx: Queries, { clock }: Pick<AppContext, 'clock'>): Promise<void> => {
  await tx
    .deleteFrom('passkey_challenges')
    .where('expires_at', '<', new Date(clock.now() - dayMs))
    .execute();
};
