import type { AppContext } from '#src/context.ts';
import type { AsOwner } from '#src/services/db/owner.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { countUses } from './reencrypt.ts';
import { retiredSince } from './rotate.ts';

/** The key must not be destroyed. The message says why. */
export class KeyInUseError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'KeyInUseError';
  }
}

/** So long, in ms, after a key was last used for something new it can still be in the hands of a process or of a client. */
const retirementMs = 24 * 60 * 60_000;

/**
 * Destroys a key for ever: what it sealed can never be opened again, what it signed no longer verifies.
 * @param asOwner because the login of the app cannot destroy keys.
 * @param force although values are lost.
 * @throws KeyInUseError
 */
export const destroyKey = async (app: Pick<AppContext, 'services' | 'clock' | 'log'>, asOwner: AsOwner, kid: string, force = false): Promise<void> => {
  const { keys } = app.services;
  await keys.refresh();
  const key = keys.list().find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new KeyInUseError(`There is no key ${kid}.`);
  if (key.state === 'active') throw new KeyInUseError(`The key ${kid} is active: rotate ${key.purpose} first.`);
  const uses = (await countUses(app)).get(kid) ?? 0;
  if (!force) {
    if (uses > 0) throw new KeyInUseError(`The key ${kid} sealed ${uses} values: reencrypt first.`); // protect: Q481
    const since = retiredSince(app, key) ?? Infinity;
    if (app.clock.now() - since < retirementMs) throw new KeyInUseError(`The key ${kid} is retired for less than a day.`); // protect: Q481
  }
  await asOwner(async (owner) => {
    const destroyed = owner.updateTable('key_ring').set({ state: 'destroyed', wrapped: null });
    await destroyed.where('kid', '=', kid).where('state', '=', 'decrypt-only').execute();
    await recordSecurityEvent(owner, app, { type: 'key.destroyed', userId: null, details: { kid, purpose: key.purpose, uses } });
  });
  await keys.refresh();
};
