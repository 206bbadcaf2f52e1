import Type from 'typebox';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { noContent, ok } from '#src/protections/app-core/reply.ts';
import { route } from '#src/protections/app-core/route.ts';
import { closed } from '#src/protections/validation/core.ts';
import { uuid } from '#src/protections/validation/formats.ts';
import { authoriseApp } from './authorise.ts';
import { endDevice, endOwnDevice, listDevices } from './devices.ts';
import * as schema from './schemas.ts';
import { exchangeCode, refreshTokens } from './tokens.ts';

/** Signing native apps in (RFC 8252): the browser approves, the app exchanges. */
export const nativeRoutes = [
  route(
    {
      method: 'POST',
      path: '/native/v1/authorize',
      access: 'user',
      stepUp: true,
      input: { body: schema.AuthorisationRequest },
      output: schema.AuthorisationAnswer,
      summary: 'Let a native app act for me',
    },
    async (given) => ok({ redirectTo: await authoriseApp(given, given.input.body) }),
  ),
  route(
    {
      method: 'POST',
      path: '/native/v1/token',
      access: 'public',
      credential: 'none',
      input: { body: schema.TokenRequest },
      output: schema.Tokens,
      summary: 'Exchange a code or a refresh token',
    },
    async (given) => {
      const { body } = given.input;
      const tokens = body.grantType === 'refresh_token' ? await refreshTokens(given, body) : await exchangeCode(given, body);
      return ok(tokens, { 'cache-control': 'no-store' });
    },
  ),
  route(
    {
      method: 'GET',
      path: '/native/v1/me',
      access: 'user',
      credential: 'bearer',
      input: {},
      output: closed({ id: uuid(), roles: Type.Array(Type.String()) }),
      summary: 'Who I am, for native apps',
    },
    ({ context }) => {
      const { id, roles } = actorOf(context);
      return ok({ id, roles: [...roles] });
    },
  ),
  route(
    { method: 'POST', path: '/native/v1/sign-out', access: 'user', credential: 'bearer', input: {}, output: Type.Null(), summary: 'Sign this device out' },
    async (given) => {
      await endOwnDevice(given);
      return noContent();
    },
  ),
  route({ method: 'GET', path: '/api/v1/devices', access: 'user', input: {}, output: schema.DeviceList, summary: 'List own devices' }, async (given) =>
    ok({ items: await listDevices(given) }),
  ),
  route(
    {
      method: 'DELETE',
      path: '/api/v1/devices/:id',
      access: 'user',
      stepUp: true,
      input: { params: closed({ id: uuid() }) },
      output: Type.Null(),
      summary: 'Sign one of the own devices out',
    },
    async (given) => {
      await endDevice(given, given.input.params.id);
      return noContent();
    },
  ),
];
