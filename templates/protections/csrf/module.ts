import Type from 'typebox';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { closed } from '#src/protections/validation/core.ts';
import { csrfToken } from './token.ts';

/** Where script gets the token that its changes carry. Only pages of this origin can read the answer. */
export const module = defineModule({
  id: 'csrf',
  prefix: '/auth/csrf',
  routes: [
    route(
      {
        method: 'GET',
        path: '/',
        access: 'public',
        polls: true,
        input: {},
        output: closed({ token: Type.String() }),
        summary: 'The token that changes must carry',
      },
      (given) => ok({ token: csrfToken(given) }, { 'cache-control': 'no-store' }),
    ),
  ],
});
