import type { AppContext } from '#src/context.ts';
import type { LegacyFormat } from './switches.ts';

/**
 * Takes the key of another system into the ring, to open what that system encrypted; nothing is ever encrypted with it.
 * @param text the key as base64.
 * @throws RangeError when it is no key of this format.
 */
export const importLegacyKey = async ({ services: { db, keys }, clock }: Pick<AppContext, 'services' | 'clock'>, format: LegacyFormat, text: string): Promise<string> => {
  const secret = Buffer.from(text.trim(), 'base64');
  if (secret.length !== 32) throw new RangeError('A Fernet key is 32 bytes as base64.');
  const row = await keys.newRow({ purpose: 'legacy', algorithm: format, secret, state: 'decrypt-only', now: clock.now() });
  await db.query.insertInto('key_ring').values(row).execute();
  await keys.refresh();
  return row.kid;
};
