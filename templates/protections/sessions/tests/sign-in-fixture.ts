import Type from 'typebox';
import { Problem } from '#src/protections/app-core/problem.ts';
import { noContent, ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import type { AttemptRule } from '#src/protections/sessions/attempts.ts';
import { completeSecondFactor, renewSession, signIn } from '#src/protections/sessions/sign-in.ts';
import { closed } from '#src/protections/validation/core.ts';
import { uuid } from '#src/protections/validation/formats.ts';

/** Times of a test that has no patience. */
export const fixtureRule: AttemptRule = { free: 5, firstDelaySeconds: 30, longestDelaySeconds: 900, forgetAfterSeconds: 3600 };

const Nothing = Type.Null();

/** Stands for what proves who somebody is: believes whoever names a user. And routes for every kind of session. */
export const signInFixture = defineModule({
  id: 'sign-in-fixture',
  prefix: '/fixture',
  routes: [
    route(
      {
        method: 'POST',
        path: '/sign-in',
        access: 'public',
        signsIn: 'fixture',
        input: { body: closed({ userId: uuid(), limitedTo: Type.Optional(Type.Literal('password-change')) }) },
        output: closed({ outcome: Type.String() }),
        summary: 'Signs in whom the body names',
      },
      async (given) => {
        const { userId, limitedTo } = given.input.body;
        const limit = limitedTo === undefined ? {} : { limitedTo };
        return ok({ outcome: await signIn(given, { userId, way: 'fixture', factors: 'one', ...limit }) });
      },
    ),
    route(
      { method: 'POST', path: '/second-factor', access: 'user', admits: ['second-factor'], input: {}, output: Nothing, summary: 'Believes in a second factor' },
      async (given) => {
        await completeSecondFactor(given, { way: 'fixture' });
        return noContent();
      },
    ),
    route(
      { method: 'POST', path: '/renew', access: 'user', admits: ['password-change', 'second-factor'], input: {}, output: Nothing, summary: 'Believes in a fresh proof' },
      async (given) => {
        await renewSession(given, { way: 'fixture' });
        return noContent();
      },
    ),
    route({ method: 'POST', path: '/careful', access: 'user', stepUp: true, input: {}, output: Nothing, summary: 'Asks for a fresh proof' }, () => noContent()),
    route({ method: 'GET', path: '/poll', access: 'user', polls: true, input: {}, output: closed({}), summary: 'Asked by a timer' }, () => ok({})),
    route(
      {
        method: 'GET',
        path: '/half-open',
        access: 'user',
        admits: ['second-factor', 'password-change'],
        input: {},
        output: closed({ roles: Type.Array(Type.String()) }),
        summary: 'What somebody may do who has not got all the way',
      },
      ({ context }) => ok({ roles: [...(context.actor?.roles ?? [])] }),
    ),
    route({ method: 'GET', path: '/admin', access: 'role:admin', input: {}, output: closed({}), summary: 'For administrators' }, () => ok({})),
    route(
      { method: 'GET', path: '/greeting', access: 'public', input: {}, output: closed({ name: Type.Optional(Type.String()) }), summary: 'Greets a user' },
      ({ context }) => ok(context.actor === undefined ? {} : { name: context.actor.id }),
    ),
    route({ method: 'POST', path: '/undeclared', access: 'public', input: { body: closed({ userId: uuid() }) }, output: Nothing, summary: 'Signs in, and does not say so' }, async (given) => {
      await signIn(given, { userId: given.input.body.userId, way: 'undeclared', factors: 'one' });
      throw new Problem(500);
    }),
  ],
});
