import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newKey } from '#src/services/storage/key.ts';
import type { TestApp } from '#tests/support/app.ts';

export interface Stored {
  readonly owner?: string;
  readonly tenant?: string;
  readonly name?: string;
  readonly type?: string;
  readonly bytes?: Uint8Array | string;
  readonly state?: 'pending' | 'clean';
  /** What the row says of its place; the true one unless said. */
  readonly key?: string;
}

/** Stores bytes past every check, as somebody who can write into the database might. Resolves with the id. */
export const store = async (app: TestApp, { owner = randomUUID(), tenant, name = 'a.pdf', type = 'application/pdf', bytes = 'stored', state = 'clean', key }: Stored): Promise<string> => {
  const { storage, db } = app.context.services;
  const place = newKey({ id: owner });
  const file = join(storage.quarantine, randomUUID());
  await writeFile(file, bytes);
  await storage.adopt(place, file);
  const row = { owner_id: owner, tenant: tenant ?? null, storage_key: key ?? place, name, type, size: Buffer.byteLength(bytes), state, created_at: new Date(app.clock.now()) };
  const { id } = await db.query.insertInto('files').values(row).returning('id').executeTakeFirstOrThrow();
  return id;
};
