import type { Express } from 'express';
import type { Binding } from '#src/http/binding.ts';
import { isGuarded } from '#src/http/register.ts';
import { openContext } from './context.ts';

/** Gives every request a context of its own, and refuses routes without a policy. */
export const appCore = (): Binding => ({
  id: 'app-core',
  install: (app, { clock }) => {
    app.use((request, response, next) => {
      response.locals['ctx'] = openContext(request, response, clock.monotonic());
      next();
    });
  },
  installLast: (app) => {
    for (const name of sharedState(app)) throw new Error(`request.${name} is one object for all requests: keep it in the context.`); // protect: G4
    for (const path of unguardedRoutes(app.router.stack)) throw new Error(`${path} has no policy: declare it with route().`); // protect: G6
  },
});

/** Names under which the prototype of all requests or responses holds an object of its own. */
const sharedState = ({ request, response }: Express): string[] =>
  [request, response].flatMap((prototype) =>
    Object.entries(prototype).flatMap(([name, value]) => (typeof value === 'object' && value !== null ? [name] : [])),
  );

type Layer = Express['router']['stack'][number];

/** The paths of routes that were not registered by a module, at any depth. */
const unguardedRoutes = (layers: readonly Layer[]): string[] =>
  layers.flatMap((layer) => {
    if (layer.route !== undefined) return layer.route.stack.some(({ handle }) => isGuarded(handle)) ? [] : [layer.route.path];
    return 'stack' in layer.handle && Array.isArray(layer.handle.stack) ? unguardedRoutes(layer.handle.stack) : [];
  });
