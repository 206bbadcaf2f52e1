import Type from 'typebox';
import { ok } from '#src/protections/app-core/reply.ts';
import { type RouteModule, defineModule, route } from '#src/protections/app-core/route.ts';
import { closed } from '#src/protections/validation/core.ts';

const Done = closed({ done: Type.Boolean() });

const failed = Promise.withResolvers<void>();

/** One route that fails where nobody looks, and one that is busy until after that. */
export const routes: readonly RouteModule[] = [
  defineModule({
    id: 'failing',
    prefix: '/failing',
    routes: [
      route(
        { method: 'GET', path: '/busy', access: 'public', input: {}, output: Done, summary: 'Is busy until something fails' },
        async ({ app }) => {
          app.log.info('busy');
          await failed.promise;
          return ok({ done: true });
        },
      ),
      route({ method: 'GET', path: '/reject', access: 'public', input: {}, output: Done, summary: 'Forgets a promise that fails' }, () => {
        void Promise.reject(new Error('nobody waits for this'));
        // A rejection counts as unhandled when the microtasks are done, which is before this.
        setImmediate(failed.resolve);
        return ok({ done: true });
      }),
    ],
  }),
];
