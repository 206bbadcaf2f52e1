import type { Static } from 'typebox';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { foundOr404 } from '#src/protections/access-control/missing.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import type { Given } from '../given.ts';
import { requireSession } from '../own-sessions.ts';
import { deviceOf } from './bearer.ts';
import type { ListedDevice } from './schemas.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'device.ended': { readonly device: string };
  }
}

/** The devices of the user of the request, the latest first. */
export const listDevices = async (given: Given): Promise<Static<typeof ListedDevice>[]> => {
  const rows = await given.app.services.db.query
    .selectFrom('devices')
    .select(['id', 'client_id', 'name', 'created_at', 'last_used_at'])
    .where('user_id', '=', requireSession(given).userId)
    .orderBy('last_used_at', 'desc')
    .limit(100)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    client: row.client_id,
    name: row.name,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at.toISOString(),
  }));
};

/** Signs a device out. @throws Problem 404 for one that is not of this user. */
const end = async ({ app, context }: Given, userId: string, id: string): Promise<void> => {
  await app.services.db.transaction(async (tx) => {
    const ended = await tx
      .deleteFrom('devices')
      .where('id', '=', id)
      .where('user_id', '=', userId) // protect: Q418
      .returning('id')
      .executeTakeFirst();
    foundOr404(ended);
    await recordSecurityEvent(tx, app, { type: 'device.ended', userId, details: { device: id }, context });
  });
};

/** Signs out a device of the user of the request. @throws Problem 404 for one that is not theirs. */
export const endDevice = (given: Given, id: string): Promise<void> => end(given, requireSession(given).userId, id);

/** Signs out the device that the request comes from. */
export const endOwnDevice = (given: Given): Promise<void> => end(given, actorOf(given.context).id, foundOr404(deviceOf(given.context)));
