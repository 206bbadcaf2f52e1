import type { AppContext } from '#src/context.ts';
import type { NewKey, Purpose, RingKey } from '#src/services/keys/ring-key.ts';
import { settleMs } from '#src/services/keys/ring.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'key.rotated': { readonly kid: string; readonly purpose: string };
    'key.destroyed': { readonly kid: string; readonly purpose: string; readonly uses: number };
  }
}

type App = Pick<AppContext, 'services' | 'clock' | 'log'>;

/** The purposes whose keys are replaced. A new deriving key would end every session and void every digest at once. */
export const rotatable = ['sealing', 'signing'] as const satisfies readonly Purpose[];
export type Rotatable = (typeof rotatable)[number];

/**
 * Gives a purpose a new key. The one before it goes on opening what it sealed and verifying what it signed, and until every
 * process has seen the new one it goes on sealing and signing too.
 * @param made says how; absent: a new key of the first algorithm of its purpose.
 * @returns the id of the new key.
 * @throws Error when another process did it at the same moment.
 */
export const rotateKey = async (app: App, purpose: Rotatable, made: Pick<NewKey, 'algorithm' | 'secret'> = {}): Promise<string> => {
  const { keys, db } = app.services;
  await keys.refresh();
  if (await keys.ensure(purpose, made)) return keys.current(purpose).kid;
  const now = app.clock.now();
  const activeFrom = now + settleMs; // protect: Q481 (now + settleMs -> now)
  const row = await keys.newRow({ purpose, ...made, now, activeFrom });
  await db.transaction(async (tx) => {
    await tx.updateTable('key_ring').set({ state: 'decrypt-only' }).where('purpose', '=', purpose).where('state', '=', 'active').execute();
    const insert = tx.insertInto('key_ring').values(row).returning('kid');
    const inserted = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
    if (inserted === undefined) throw new Error('Another process rotated this key at the same moment.');
    await recordSecurityEvent(tx, app, { type: 'key.rotated', userId: null, details: { kid: row.kid, purpose } });
  });
  await keys.refresh();
  return row.kid;
};

/** Since when a key is not used for anything new; undefined while it is. Wall-clock time in ms. */
export const retiredSince = ({ services: { keys } }: App, { purpose, activeFrom: since, state }: RingKey): number | undefined => {
  if (state === 'active') return undefined;
  const successors = keys.list().filter((key) => key.purpose === purpose && key.activeFrom > since);
  return Math.min(...successors.map(({ activeFrom }) => activeFrom.getTime()));
};
