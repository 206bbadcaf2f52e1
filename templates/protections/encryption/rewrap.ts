import type { AppContext } from '#src/context.ts';
import type { AsOwner } from '#src/services/db/owner.ts';
import type { MasterKey } from '#src/services/keys/master-key.ts';
import { boundTo } from '#src/services/keys/ring-key.ts';

/**
 * Puts the ring under another master key. The keys stay what they are: nothing has to be sealed anew, and processes that run
 * go on. They need the new master key at their next start.
 * @param asOwner because the login of the app cannot change keys.
 */
export const rewrapRing = async ({ services: { keys } }: Pick<AppContext, 'services'>, asOwner: AsOwner, master: MasterKey): Promise<void> => {
  await keys.refresh();
  await asOwner(async (owner) => {
    for (const key of keys.list()) {
      if (key.secret === undefined) continue;
      const wrapped = await master.wrap(key.secret, boundTo(key));
      await owner.updateTable('key_ring').set({ wrapped }).where('kid', '=', key.kid).execute();
    }
  });
};
