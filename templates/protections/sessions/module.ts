import Type from 'typebox';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { noContent, ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { sessionOf } from './current.ts';
import { nativeRoutes } from './native/routes.ts';
import { endOneSession, endOtherSessions, listSessions, sessionUser } from './own-sessions.ts';
import * as schema from './schemas.ts';
import { clearSiteData, endSession } from './sign-in.ts';

/** Signing out, and what users see and end of their own. */
export const module = defineModule({
  id: 'sessions',
  prefix: '/',
  routes: [
    route(
      {
        method: 'POST',
        path: '/auth/logout',
        access: 'user',
        admits: ['second-factor', 'password-change'],
        input: {},
        output: Type.Null(),
        summary: 'Sign out',
      },
      async (given) => {
        await endSession(given);
        return { ...noContent(), headers: clearSiteData }; // protect: Q436 ({ ...noContent(), headers: clearSiteData } -> noContent())
      },
    ),
    route({ method: 'GET', path: '/auth/sessions', access: 'user', input: {}, output: schema.SessionList, summary: 'List own sessions' }, async (given) =>
      ok({ items: await listSessions(given) }),
    ),
    route(
      { method: 'DELETE', path: '/auth/sessions/:id', access: 'user', stepUp: true, input: { params: schema.ById }, output: Type.Null(), summary: 'End one of the own sessions' },
      async (given) => {
        await endOneSession(given, given.input.params.id);
        return noContent();
      },
    ),
    route({ method: 'DELETE', path: '/auth/sessions', access: 'user', stepUp: true, input: {}, output: Type.Null(), summary: 'End all other own sessions' }, async (given) => {
      await endOtherSessions(given);
      return noContent();
    }),
    route({ method: 'GET', path: '/api/v1/me', access: 'user', input: {}, output: schema.Me, summary: 'Who I am' }, async (given) => {
      const { id, roles } = actorOf(given.context);
      if (sessionOf(given.context) === undefined) return ok({ id, roles: [...roles] });
      const { email } = await sessionUser(given);
      return ok({ id, email, roles: [...roles] });
    }),
    ...nativeRoutes,
  ],
});
