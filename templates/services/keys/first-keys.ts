import type { RingRow } from './ring-key.ts';

const made = new Map<string, Promise<readonly RingRow[]>>();

/**
 * The first keys of an embedded database that is loaded from a snapshot: it has none, and belongs to this process. With them
 * apps start without asking it, and so without loading it: most tests never need it.
 */
export const firstKeysOf = (snapshot: string, make: () => Promise<readonly RingRow[]>): Promise<readonly RingRow[]> => {
  const keys = made.get(snapshot) ?? make();
  made.set(snapshot, keys);
  return keys;
};
