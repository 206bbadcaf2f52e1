import { type SqlBool, sql } from 'kysely';
import type { Static } from 'typebox';
import { Problem } from '#src/protections/app-core/problem.ts';
import { digestOf, newToken } from '#src/protections/encryption/token.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import type { Given } from '../given.ts';
import { requireSession } from '../own-sessions.ts';
import { parseClients } from './clients.ts';
import type { AuthorisationRequest } from './schemas.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'device.approved': { readonly client: string };
  }
}

/** How long a code can be exchanged. Seconds. */
export const codeSeconds = 60;

/**
 * The user of a browser session lets an app act for them: makes the code that the app exchanges for tokens.
 * @returns the address of the app with the code; the browser goes there.
 * @throws Problem 400 for an app or an address that NATIVE_CLIENTS does not list.
 */
export const authoriseApp = async (given: Given, asked: Static<typeof AuthorisationRequest>): Promise<string> => {
  const { app, context } = given;
  const { userId } = requireSession(given);
  const { clientId, redirectUri, codeChallenge, state, deviceName } = asked;
  // The whole address and nothing but it: part of it would let the code go elsewhere (CWE-601).
  const isListed = parseClients(app.config).clients.some((client) => client.id === clientId && client.redirectUri === redirectUri); // protect: Q418 (client.redirectUri === redirectUri -> redirectUri.startsWith(client.redirectUri))
  if (!isListed) throw new Problem(400, { extensions: { code: 'unknown_client' } });
  const code = newToken();
  await app.services.db.transaction(async (tx) => {
    await tx
      .deleteFrom('native_codes')
      .where(sql<SqlBool>`created_at < now() - make_interval(secs => ${codeSeconds})`)
      .execute();
    await tx
      .insertInto('native_codes')
      .values({ code_hash: digestOf(code), user_id: userId, client_id: clientId, redirect_uri: redirectUri, challenge: codeChallenge, device_name: deviceName })
      .execute();
    await recordSecurityEvent(tx, app, { type: 'device.approved', userId, details: { client: clientId }, context });
  });
  return `${redirectUri}?${new URLSearchParams({ code, ...(state === undefined ? {} : { state }) }).toString()}`;
};
