import Type from 'typebox';
import { noContent } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { acceptInvitation, invite } from './invite.ts';
import { register, resendVerification } from './register.ts';
import * as schema from './schemas.ts';
import { verifyEmail } from './verify.ts';

const accepted = () => ({ status: 202, headers: {}, json: { message: 'Look into your mailbox.' } });

/** Signing up, proving an address, inviting. None of it signs in. */
export const module = defineModule({
  id: 'accounts',
  prefix: '/auth',
  routes: [
    route(
      {
        method: 'POST',
        path: '/register',
        access: 'public',
        limits: ['sign-up'], // protect: A1
        input: { body: schema.SignUp },
        output: schema.Accepted,
        summary: 'Sign up',
      },
      async (given) => {
        await register(given, given.input.body);
        return accepted();
      },
    ),
    route(
      { method: 'POST', path: '/verify-email', access: 'public', limits: ['token'], input: { body: schema.Verification }, output: Type.Null(), summary: 'End a sign-up with the code from the mail' },
      async (given) => {
        await verifyEmail(given, given.input.body);
        return noContent();
      },
    ),
    route(
      {
        method: 'POST',
        path: '/verify-email/resend',
        access: 'public',
        limits: ['sign-up'],
        input: { body: schema.Address },
        output: schema.Accepted,
        summary: 'Ask for another mail about a sign-up',
      },
      async (given) => {
        await resendVerification(given, given.input.body);
        return accepted();
      },
    ),
    route(
      {
        method: 'POST',
        path: '/invitations',
        access: 'role:admin', // protect: A3 ('role:admin' -> 'user')
        stepUp: true, // protect: A3
        limits: ['write'],
        input: { body: schema.Invitation },
        output: schema.Accepted,
        summary: 'Invite somebody',
      },
      async (given) => {
        const { email, roles = [] } = given.input.body;
        await invite(given, { email, roles });
        return { status: 202, headers: {}, json: { message: 'The invitation is on its way.' } };
      },
    ),
    route(
      { method: 'POST', path: '/invitations/accept', access: 'public', limits: ['token'], input: { body: schema.Acceptance }, output: Type.Null(), summary: 'Make the account of an invitation' },
      async (given) => {
        await acceptInvitation(given, given.input.body);
        return noContent();
      },
    ),
  ],
});
