import Type from 'typebox';
import { noContent, ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { changePassword, passwordStepUp } from './change.ts';
import * as schema from './schemas.ts';
import { passwordSignIn, passwordWay } from './sign-in.ts';

/** Signing in by a password, and changing it. */
export const module = defineModule({
  id: 'auth-password',
  prefix: '/auth',
  routes: [
    route(
      { method: 'POST', path: '/login', access: 'public', signsIn: passwordWay, input: { body: schema.Login }, output: schema.LoginResult, summary: 'Sign in by address and password' },
      async (given) => ok({ state: await passwordSignIn(given, given.input.body) }),
    ),
    route(
      {
        method: 'POST',
        path: '/password/change',
        access: 'user',
        admits: ['password-change'],
        input: { body: schema.Change },
        output: Type.Null(),
        summary: 'Set another password',
      },
      async (given) => {
        await changePassword(given, given.input.body);
        return noContent();
      },
    ),
    route(
      { method: 'POST', path: '/password/step-up', access: 'user', input: { body: schema.StepUp }, output: Type.Null(), summary: 'Prove by the password, once more, who is there' },
      async (given) => {
        await passwordStepUp(given, given.input.body);
        return noContent();
      },
    ),
  ],
});
