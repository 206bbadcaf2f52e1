import Type from 'typebox';
import { created, noContent, ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { listPasskeys, removePasskey, renamePasskey } from './own-passkeys.ts';
import { passkeyRegistrationOptions, registerPasskey } from './registration.ts';
import * as schema from './schemas.ts';
import { passkeySignInOptions, signInWithPasskey } from './sign-in.ts';
import { passkeyStepUpOptions, stepUpWithPasskey } from './step-up.ts';

/** Signing in with passkeys, and what users do with their own. */
export const module = defineModule({
  id: 'passkeys',
  prefix: '/auth/passkeys',
  routes: [
    route(
      {
        method: 'POST',
        path: '/sign-in/options',
        access: 'public',
        limits: ['ceremony'],
        input: {},
        output: schema.RequestOptions,
        summary: 'Begin to sign in with a passkey',
      },
      async (given) => ok(await passkeySignInOptions(given)),
    ),
    route(
      {
        method: 'POST',
        path: '/sign-in',
        access: 'public',
        signsIn: 'passkey',
        limits: ['sign-in'],
        input: { body: schema.Assertion },
        output: Type.Null(),
        summary: 'Sign in with a passkey',
      },
      async (given) => {
        await signInWithPasskey(given, given.input.body.credential);
        return noContent();
      },
    ),
    route(
      {
        method: 'POST',
        path: '/step-up/options',
        access: 'user',
        limits: ['write'],
        input: {},
        output: schema.RequestOptions,
        summary: 'Begin to prove again who you are',
      },
      async (given) => ok(await passkeyStepUpOptions(given)),
    ),
    route(
      {
        method: 'POST',
        path: '/step-up',
        access: 'user',
        limits: ['sign-in'],
        input: { body: schema.Assertion },
        output: Type.Null(),
        summary: 'Prove again who you are with a passkey',
      },
      async (given) => {
        await stepUpWithPasskey(given, given.input.body.credential);
        return noContent();
      },
    ),
    route(
      {
        method: 'POST',
        path: '/registration/options',
        access: 'user',
        stepUp: true, // protect: Q454
        limits: ['write'],
        input: {},
        output: schema.CreationOptions,
        summary: 'Begin to add a passkey',
      },
      async (given) => ok(await passkeyRegistrationOptions(given)),
    ),
    route(
      {
        method: 'POST',
        path: '/registration',
        access: 'user',
        stepUp: true, // protect: Q454
        limits: ['write'],
        input: { body: schema.Registration },
        output: schema.Passkey,
        summary: 'Add a passkey',
      },
      async (given) => {
        const passkey = await registerPasskey(given, given.input.body);
        return created(`/auth/passkeys/${passkey.id}`, passkey);
      },
    ),
    route({ method: 'GET', path: '/', access: 'user', input: {}, output: schema.Passkeys, summary: 'List own passkeys' }, async (given) =>
      ok({ items: await listPasskeys(given) }),
    ),
    route(
      {
        method: 'PATCH',
        path: '/:id',
        access: 'user',
        input: { params: schema.Id, body: schema.NewName },
        output: schema.Passkey,
        summary: 'Rename a passkey',
      },
      async (given) => ok(await renamePasskey(given, given.input.params.id, given.input.body.name)),
    ),
    route(
      {
        method: 'DELETE',
        path: '/:id',
        access: 'user',
        stepUp: true, // protect: Q454
        input: { params: schema.Id },
        output: Type.Null(),
        summary: 'Remove a passkey',
      },
      async (given) => {
        await removePasskey(given, given.input.params.id);
        return noContent();
      },
    ),
  ],
});
