import Type from 'typebox';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { noContent } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { password } from '#src/protections/auth-password/schemas.ts';
import { closed } from '#src/protections/validation/core.ts';
import { email, text, uuid } from '#src/protections/validation/formats.ts';
import { requestReset } from './request.ts';
import { resetFor } from './reset-for.ts';
import { resetPassword } from './reset.ts';

/** The same for every address. */
const Accepted = closed({ message: Type.String() });

/** A forgotten password. None of it signs in. */
export const module = defineModule({
  id: 'password-recovery',
  prefix: '/auth/password',
  routes: [
    route(
      {
        method: 'POST',
        path: '/forgot',
        access: 'public',
        limits: ['password-reset'], // protect: Q410
        input: { body: closed({ email: email() }) },
        output: Accepted,
        summary: 'Ask for a mail that leads to another password',
      },
      async (given) => {
        await requestReset(given, given.input.body);
        return { status: 202, headers: {}, json: { message: 'If there is an account with this address, a mail is on its way.' } };
      },
    ),
    route(
      {
        method: 'POST',
        path: '/reset',
        access: 'public',
        limits: ['token'],
        input: { body: closed({ token: text(100, 1), password: password() }) },
        output: Type.Null(),
        summary: 'Set another password with the token from the mail',
      },
      async (given) => {
        await resetPassword(given, given.input.body);
        return noContent();
      },
    ),
    route(
      {
        method: 'POST',
        path: '/reset-for/:userId',
        access: 'role:admin', // protect: Q456 ('role:admin' -> 'user')
        stepUp: true, // protect: Q456
        input: { params: closed({ userId: uuid() }) },
        output: Accepted,
        summary: 'Take a password away; its owner gets a mail',
      },
      async (given) => {
        await resetFor(given, { userId: given.input.params.userId, by: actorOf(given.context).id });
        return { status: 202, headers: {}, json: { message: 'The mail is on its way.' } };
      },
    ),
  ],
});
