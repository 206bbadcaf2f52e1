import type { AppContext } from '#src/context.ts';
import type { RequestContext } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { BadKeyError, type StorageKey, readKey } from '#src/services/storage/key.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    /** A row names a place that this app would not have chosen: somebody writes into the database. */
    'file.forged-key': { readonly fileId: string };
  }
}

/**
 * Where the bytes of a file lie.
 * @throws Problem 404 when the row was not written by this app; it is reported (CWE-22).
 */
export const storedKeyOf = async (
  { app, context }: { readonly app: AppContext; readonly context: RequestContext },
  { id, storageKey }: { readonly id: string; readonly storageKey: string },
): Promise<StorageKey> => {
  try {
    return readKey(storageKey);
  } catch (error) {
    if (!(error instanceof BadKeyError)) throw error;
    await recordSecurityEvent(app.services.db.query, app, { type: 'file.forged-key', userId: null, details: { fileId: id }, context });
    throw new Problem(404, { cause: error });
  }
};
