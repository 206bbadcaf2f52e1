import { hash } from 'node:crypto';
import { type SqlBool, sql } from 'kysely';
import type { Static } from 'typebox';
import type { Config } from '#src/config.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { safeEqual } from '#src/protections/encryption/safe-equal.ts';
import { digestOf, newToken } from '#src/protections/encryption/token.ts';
import type { Queries } from '#src/services/db/database.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';
import { findUser } from '#src/services/users/users.ts';
import type { Given } from '../given.ts';
import { codeSeconds } from './authorise.ts';
import type { CodeExchange, Refresh, Tokens } from './schemas.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'device.added': { readonly device: string; readonly client: string };
    /** A code or a refresh token was shown a second time: one of the two who have it stole it. */
    'device.replayed': { readonly device: string };
  }
}

/** How long an access token is good for. Seconds. */
const accessSeconds = 600;

/** RFC 6749 section 5.2. It never says what is wrong. */
const invalidGrant = (): Problem => new Problem(400, { extensions: { code: 'invalid_grant' } });

type Lifetimes = Pick<Config, 'DEVICE_IDLE_DAYS' | 'DEVICE_MAX_DAYS'>;

/** By the clock of the database. */
export const isDeviceAlive = ({ DEVICE_IDLE_DAYS, DEVICE_MAX_DAYS }: Lifetimes) =>
  sql<SqlBool>`(devices.last_used_at > now() - make_interval(days => ${DEVICE_IDLE_DAYS}) and devices.created_at > now() - make_interval(days => ${DEVICE_MAX_DAYS}))`;

/** New tokens of a device: what it gets, and what the row keeps. */
const mint = (family: string) => {
  const [access, refresh] = [newToken(), newToken()];
  const tokens: Static<typeof Tokens> = { tokenType: 'Bearer', accessToken: access, expiresIn: accessSeconds, refreshToken: `${family}.${refresh}` };
  const columns = {
    refresh_hash: digestOf(refresh),
    access_hash: digestOf(access),
    access_until: sql<Date>`now() + make_interval(secs => ${accessSeconds})`,
  };
  return { tokens, columns };
};

/**
 * Exchanges a code for the tokens of a new device. The code is used up by the attempt, right or wrong; shown again later it ends the
 * device (RFC 6749 section 4.1.2).
 * @throws Problem 400
 */
export const exchangeCode = async (given: Given, { clientId, redirectUri, code, codeVerifier }: Static<typeof CodeExchange>): Promise<Static<typeof Tokens>> => {
  const { app, context } = given;
  const { db } = app.services;
  const codeHash = digestOf(code);
  const approved = await db.query
    .deleteFrom('native_codes')
    .where('code_hash', '=', codeHash)
    .returning(['user_id', 'client_id', 'redirect_uri', 'challenge', 'device_name'])
    .returning(sql<boolean>`created_at > now() - make_interval(secs => ${codeSeconds})`.as('is_fresh'))
    .executeTakeFirst();
  if (approved === undefined) {
    await endReplayed(given, (tx) => tx.selectFrom('devices').select(['id', 'user_id']).where('code_hash', '=', codeHash).executeTakeFirst());
    throw invalidGrant();
  }
  const isSameApp = approved.client_id === clientId && approved.redirect_uri === redirectUri; // protect: Q418 (approved.client_id === clientId && approved.redirect_uri === redirectUri -> true)
  // Whoever caught the code on its way through the device does not know the verifier (RFC 7636).
  const isProven = safeEqual(hash('sha256', codeVerifier, 'base64url'), approved.challenge); // protect: Q418 (safeEqual(hash('sha256', codeVerifier, 'base64url'), approved.challenge) -> true)
  if (!approved.is_fresh || !isSameApp || !isProven) throw invalidGrant(); // protect: Q418 (!approved.is_fresh -> false)
  const family = newToken();
  const { tokens, columns } = mint(family);
  await db.transaction(async (tx) => {
    const user = await findUser(tx, approved.user_id);
    if (user === undefined || user.disabledAt !== null) throw invalidGrant();
    const { id } = await tx
      .insertInto('devices')
      .values({ user_id: user.id, client_id: clientId, name: approved.device_name, code_hash: codeHash, family_hash: digestOf(family), ...columns })
      .returning('id')
      .executeTakeFirstOrThrow();
    await recordSecurityEvent(tx, app, { type: 'device.added', userId: user.id, details: { device: id, client: clientId }, context });
  });
  return tokens;
};

/**
 * Gives a device new tokens; the ones before are used up. A refresh token that was used before means that two have it: the device is
 * signed out.
 * @throws Problem 400
 */
export const refreshTokens = async (given: Given, { refreshToken }: Static<typeof Refresh>): Promise<Static<typeof Tokens>> => {
  const { app } = given;
  const [family = '', latest = ''] = refreshToken.split('.');
  const [familyHash, refreshHash] = [digestOf(family), digestOf(latest)];
  const { tokens, columns } = mint(family);
  const refreshed = await app.services.db.query
    .updateTable('devices')
    .from('users')
    .set({ ...columns, last_used_at: sql`now()` })
    .whereRef('users.id', '=', 'devices.user_id')
    .where('users.disabled_at', 'is', null) // protect: Q418
    .where('family_hash', '=', familyHash)
    .where('refresh_hash', '=', refreshHash) // protect: Q418
    .where(isDeviceAlive(app.config)) // protect: Q418
    .returning('devices.id')
    .executeTakeFirst();
  if (refreshed !== undefined) return tokens;
  await endReplayed(given, (tx) =>
    tx.selectFrom('devices').select(['id', 'user_id']).where('family_hash', '=', familyHash).where('refresh_hash', '<>', refreshHash).executeTakeFirst(),
  );
  throw invalidGrant();
};

/** Ends the device that `find` finds: what was shown belongs to it and was used before. */
const endReplayed = async ({ app, context }: Given, find: (tx: Queries) => Promise<{ id: string; user_id: string } | undefined>): Promise<void> => {
  await app.services.db.transaction(async (tx) => {
    const device = await find(tx);
    if (device === undefined) return;
    await tx.deleteFrom('devices').where('id', '=', device.id).execute(); // protect: Q418
    await recordSecurityEvent(tx, app, { type: 'device.replayed', userId: device.user_id, details: { device: device.id }, context });
  });
};
