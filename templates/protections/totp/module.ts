import Type from 'typebox';
import { noContent, ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { confirmTotp, startTotpEnrolment } from './enrolment.ts';
import { stepUpWithTotp, useRecoveryCode, verifyTotp } from './proof.ts';
import * as schema from './schemas.ts';
import { removeTotp, renewRecoveryCodes, totpState } from './settings.ts';

/** For what is shown once: no cache may keep it, whatever the app says of its other answers. */
const once = { 'cache-control': 'no-store' };

/** One-time codes as a second factor. */
export const module = defineModule({
  id: 'totp',
  prefix: '/auth/totp',
  routes: [
    route({ method: 'GET', path: '/', access: 'user', input: {}, output: schema.State, summary: 'Whether two-step sign-in is on' }, async (given) => {
      const { since, ...state } = await totpState(given);
      return ok(since === undefined ? state : { ...state, since: since.toISOString() });
    }),
    route(
      {
        method: 'POST',
        path: '/enrolment',
        access: 'user',
        stepUp: true, // protect: Q442
        limits: ['write'],
        input: {},
        output: schema.Enrolment,
        summary: 'Get a secret for an authenticator app',
      },
      async (given) => {
        const enrolment = await startTotpEnrolment(given);
        return ok({ ...enrolment, expiresAt: enrolment.expiresAt.toISOString() }, once);
      },
    ),
    route(
      {
        method: 'POST',
        path: '/enrolment/confirm',
        access: 'user',
        stepUp: true, // protect: Q442
        limits: ['write'],
        input: { body: schema.Code },
        output: schema.RecoveryCodes,
        summary: 'Turn two-step sign-in on with a code of the new secret',
      },
      async (given) => ok({ recoveryCodes: [...(await confirmTotp(given, given.input.body.code))] }, once),
    ),
    route(
      {
        method: 'POST',
        path: '/verify',
        access: 'user',
        admits: ['second-factor'],
        input: { body: schema.Code },
        output: Type.Null(),
        summary: 'Finish signing in with a code',
      },
      async (given) => {
        await verifyTotp(given, given.input.body.code);
        return noContent();
      },
    ),
    route(
      {
        method: 'POST',
        path: '/recovery',
        access: 'user',
        admits: ['second-factor'],
        input: { body: schema.RecoveryCode },
        output: Type.Null(),
        summary: 'Finish signing in with a recovery code',
      },
      async (given) => {
        await useRecoveryCode(given, given.input.body.code);
        return noContent();
      },
    ),
    route(
      {
        method: 'POST',
        path: '/step-up',
        access: 'user',
        input: { body: schema.Code },
        output: Type.Null(),
        summary: 'Prove again who you are with a code',
      },
      async (given) => {
        await stepUpWithTotp(given, given.input.body.code);
        return noContent();
      },
    ),
    route(
      {
        method: 'POST',
        path: '/recovery-codes',
        access: 'user',
        stepUp: true, // protect: Q442
        limits: ['write'],
        input: {},
        output: schema.RecoveryCodes,
        summary: 'Get new recovery codes in the place of the old ones',
      },
      async (given) => ok({ recoveryCodes: [...(await renewRecoveryCodes(given))] }, once),
    ),
    route(
      {
        method: 'DELETE',
        path: '/',
        access: 'user',
        stepUp: true, // protect: Q442
        input: {},
        output: Type.Null(),
        summary: 'Turn two-step sign-in off',
      },
      async (given) => {
        await removeTotp(given);
        return noContent();
      },
    ),
  ],
});
