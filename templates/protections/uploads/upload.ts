import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { AppContext } from '#src/context.ts';
import { actorOf } from '#src/protections/access-control/actor.ts';
import type { RequestContext } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { newQuarantineFile } from '#src/services/storage/quarantine.ts';
import { scan } from './clamd.ts';
import { displayNameOf } from './display-name.ts';
import { examine } from './examine.ts';
import { allowedTypes } from './file-types.ts';
import { type Reservation, type StoredFile, giveUp, release, reserve } from './files.ts';
import { type ReceiveLimits, assertForm, receiveFile } from './receive.ts';
import { typeOf } from './sniff.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    /** The scanner knew a file; it was deleted. */
    'upload.infected': { readonly signature: string };
  }
}

interface Given {
  readonly app: AppContext;
  readonly context: RequestContext;
  readonly request: IncomingMessage;
}

/**
 * Takes the file of a request: room under the quota first, then quarantine, type, scanner, a look inside; and only what has
 * passed all of it gets a place. Whatever fails leaves no file, no row and no room behind.
 * @throws Problem 400, 408, 409, 413, 415, 422 or 503.
 */
export const takeFile = async (given: Given): Promise<StoredFile> => {
  const { app, context, request } = given;
  const actor = actorOf(context);
  const { services, config } = app;
  const limits = { maxBytes: config.UPLOAD_MAX_BYTES, timeoutMs: config.UPLOAD_TIMEOUT_MS, allowed: allowedTypes(config) };
  assertForm(request, limits);
  // Without a length the largest there may be.
  const declared = Number(request.headers['content-length'] ?? config.UPLOAD_MAX_BYTES);
  const reservation = await reserve(app, actor, Math.min(declared, config.UPLOAD_MAX_BYTES));
  try {
    return await receiveInto(given, reservation, limits);
  } catch (error) {
    await giveUp(services.db.query, reservation.id); // protect: Q459
    throw error;
  }
};

const receiveInto = async (given: Given, { id, key }: Reservation, limits: ReceiveLimits): Promise<StoredFile> => {
  const { app, request } = given;
  const { services, clock } = app;
  const { path, handle } = await newQuarantineFile(services.storage.quarantine, clock.now());
  const files = new Set([path]);
  try {
    const received = await receiveFile(request, handle, limits);
    const name = displayNameOf(received.name);
    const type = await typeOf(path, { name, declared: received.declared }, limits.allowed);
    await assertClean(given, path);
    const examined = await examine(app, path, type);
    files.add(examined.path);
    await services.storage.adopt(key, examined.path);
    return await released(app, { id, key }, { name, type: type.mime, size: examined.size });
  } finally {
    for (const file of files) await rm(file, { force: true }); // protect: Q478
  }
};

const released = async ({ services }: AppContext, { id, key }: Reservation, file: Pick<StoredFile, 'name' | 'type' | 'size'>): Promise<StoredFile> => {
  try {
    return await release(services.db.query, id, file);
  } catch (error) {
    await services.storage.remove(key);
    throw error;
  }
};

/** @throws Problem 422 for a file that the scanner knows; 503 when it gives no verdict: then nobody may have the file. */
const assertClean = async (given: Given, path: string): Promise<void> => {
  const { app, context } = given;
  const { CLAMD_URL: url, CLAMD_TIMEOUT_MS: timeoutMs } = app.config;
  if (url === undefined) return;
  const verdict = await scan(path, { url, timeoutMs }).catch((error: unknown) => {
    app.log.error({ err: error }, 'a file could not be scanned');
    throw new Problem(503, { detail: 'The file cannot be checked at the moment.', extensions: { code: 'scanner' }, cause: error }); // protect: Q414 (throw new Problem(503, { detail: 'The file cannot be checked at the moment.', extensions: { code: 'scanner' }, cause: error }) -> return { isClean: true } as const)
  });
  if (verdict.isClean) return;
  const { signature } = verdict;
  await recordSecurityEvent(app.services.db.query, app, { type: 'upload.infected', userId: userIdOf(context), details: { signature }, context });
  throw new Problem(422, { detail: 'The file is infected.', extensions: { code: 'infected' } }); // protect: Q414
};

/** Users have ids of the form of a UUID; what acts by an API key or in a test may have another. */
const userIdOf = (context: RequestContext): string | null => {
  const { id } = actorOf(context);
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id) ? id : null;
};
