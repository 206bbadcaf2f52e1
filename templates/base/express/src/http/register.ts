import { type Express, type RequestHandler, Router } from 'express';
import type { AppContext } from '#src/context.ts';
import { searchOf } from '#src/http/assemble.ts';
import { readJsonBodies } from '#src/http/body.ts';
import { contextOf } from '#src/protections/app-core/context.ts';
import type { RouteModule } from '#src/protections/app-core/route.ts';
import type { CompiledRoute } from '#src/protections/app-core/routing.ts';

/** Handlers that stand behind a policy; whatever else answers a route refuses to boot. */
const guarded = new WeakSet<object>();

/** One router for each module: middleware that a module adds for itself stays its own. */
export const registerModule = (app: Express, module: RouteModule, context: AppContext): void => {
  const router = Router({ caseSensitive: true, strict: true });
  const bodies = readJsonBodies(context, module.consumes);
  for (const route of module.routes) addRoute(router, context.routing.compile(route, module, context), bodies);
  app.use(router);
};

const verbs = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

const addRoute = (router: Router, { policy, serve }: CompiledRoute, bodies: readonly RequestHandler[]): void => {
  const handler: RequestHandler<Record<string, string>> = async (request, response) => {
    const answer = await serve({
      request,
      context: contextOf(request),
      raw: { params: request.params, search: searchOf(request), body: request.body },
    });
    response.statusCode = answer.status;
    for (const name in answer.headers) response.setHeader(name, answer.headers[name] ?? '');
    response.end(answer.body);
  };
  guarded.add(handler);
  router.route(policy.fullPath)[verbs[policy.method]](...bodies, handler);
};

/** True for a handler that stands behind a policy. */
export const isGuarded = (handler: object): boolean => guarded.has(handler);
