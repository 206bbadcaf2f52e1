import { type SqlBool, sql } from 'kysely';
import type { Actor, RequestContext } from '#src/protections/app-core/context.ts';
import { contextOf } from '#src/protections/app-core/context.ts';
import type { GuardFactory, IdentityProvider } from '#src/protections/app-core/routing.ts';
import { digestOf } from '#src/protections/encryption/token.ts';
import { isDeviceAlive } from './tokens.ts';

interface SignedInDevice {
  readonly id: string;
  readonly actor: Actor;
}

const key: unique symbol = Symbol('device');

declare module '#src/protections/app-core/context.ts' {
  interface RequestContext {
    [key]?: SignedInDevice;
  }
}

/** The id of the device that a request comes from; undefined where no token was shown. */
export const deviceOf = (context: RequestContext): string | undefined => context[key]?.id;

const credential = /^Bearer ([\w-]{43})$/;

/** Finds the device of an access token, on routes that believe nothing else: a cookie there is not even read. */
export const readBearer: GuardFactory = (policy, { config, services }) => {
  if (policy.credential !== 'bearer') return undefined;
  return async ({ request, context }) => {
    const [, token] = credential.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined) return undefined;
    const row = await services.db.query
      .selectFrom('devices')
      .innerJoin('users', 'users.id', 'devices.user_id')
      .select(['devices.id', 'user_id', 'roles'])
      .where('access_hash', '=', digestOf(token))
      .where(sql<SqlBool>`access_until > now()`) // protect: Q418
      .where(isDeviceAlive(config))
      .where('disabled_at', 'is', null) // protect: Q418
      .executeTakeFirst();
    if (row !== undefined) context[key] = { id: row.id, actor: { id: row.user_id, roles: row.roles } };
    return undefined;
  };
};

/** Knows the user of the device that a request comes from. */
export const bearerIdentity: IdentityProvider = (request) => contextOf(request)[key]?.actor;
