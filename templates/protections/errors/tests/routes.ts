import { once } from 'node:events';
import Type from 'typebox';
import { ok } from '#src/protections/app-core/reply.ts';
import { type RouteModule, defineModule, route } from '#src/protections/app-core/route.ts';
import { closed } from '#src/protections/validation/core.ts';

const Done = closed({ done: Type.Boolean() });

/** One route that fails where nobody looks, and one that is busy meanwhile. */
export const routes: readonly RouteModule[] = [
  defineModule({
    id: 'failing',
    prefix: '/failing',
    routes: [
      route(
        { method: 'GET', path: '/busy', access: 'public', input: {}, output: Done, summary: 'Is busy until something fails' },
        async ({ app }) => {
          app.log.info('busy');
          await once(process, 'unhandledRejection');
          return ok({ done: true });
        },
      ),
      route({ method: 'GET', path: '/reject', access: 'public', input: {}, output: Done, summary: 'Forgets a promise that fails' }, () => {
        void Promise.reject(new Error('nobody waits for this'));
        return ok({ done: true });
      }),
    ],
  }),
];
