import type { Db } from '#src/services/db/database.ts';
import type { ServiceSetup } from '#src/services/setup.ts';
import { firstKeysOf } from './first-keys.ts';
import { openMasterKey } from './open-master-key.ts';
import { Keys } from './ring.ts';

/**
 * Loads the key ring.
 * @throws ConfigError when the master key or the ring is not usable.
 */
export const start = async (setup: ServiceSetup, { db }: { readonly db: Db }): Promise<Keys> => {
  const { PGLITE_SNAPSHOT: snapshot } = setup.config;
  const keys = new Keys(setup, db, await openMasterKey(setup.config));
  await keys.load(snapshot === undefined ? [] : await firstKeysOf(snapshot, () => keys.newRing()));
  return keys;
};
