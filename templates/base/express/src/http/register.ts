import { type Express, type RequestHandler, Router } from 'express';
import { pipeline } from 'node:stream/promises';
import type { AppContext } from '#src/context.ts';
import { searchOf } from '#src/http/assemble.ts';
import { readBodies } from '#src/http/body.ts';
import { streamOf } from '#src/http/stream.ts';
import { contextOf } from '#src/protections/app-core/context.ts';
import type { RouteModule } from '#src/protections/app-core/route.ts';
import type { CompiledRoute } from '#src/protections/app-core/routing.ts';

/** Handlers that stand behind a policy; whatever else answers a route refuses to boot. */
const guarded = new WeakSet<object>();

/** `api` for `/api/v1/documents`; undefined for a path that begins with a placeholder. */
const firstSegment = (path: string): string | undefined => /^\/([\w.~-]*)(?:\/|$)/.exec(path)?.[1];

/**
 * Registers the routes of all modules. Each first segment of a path has a router of its own: Express tries the routes of a
 * router one by one.
 */
export const registerModules = (app: Express, modules: readonly RouteModule[], context: AppContext): void => {
  const routers = new Map<string | undefined, Router>();
  const routerFor = (path: string): Router => {
    const segment = firstSegment(path);
    const router = routers.get(segment) ?? Router({ caseSensitive: true, strict: true });
    routers.set(segment, router);
    return router;
  };
  for (const module of modules) {
    context.routing.announce(module);
    const bodies = readBodies(context, module);
    for (const route of module.routes) {
      const compiled = context.routing.compile(route, module, context);
      addRoute(routerFor(compiled.policy.fullPath), compiled, bodies, context);
    }
  }
  app.use((request, response, next) => {
    const router = routers.get(request.path.split('/', 2)[1]);
    if (router === undefined) next();
    else router(request, response, next);
  });
  app.use(routerFor('/:placeholder'));
};

const verbs = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

const addRoute = (router: Router, { policy, serve }: CompiledRoute, bodies: readonly RequestHandler[], { log }: AppContext): void => {
  const handler: RequestHandler<Record<string, string>> = async (request, response) => {
    const context = contextOf(request);
    const answer = await serve({
      request,
      context,
      raw: { params: request.params, search: searchOf(request), body: request.body },
    });
    const stream = answer.stream === undefined || request.method === 'HEAD' ? undefined : await streamOf(answer.stream, log);
    response.statusCode = answer.status;
    for (const name in answer.headers) response.setHeader(name, answer.headers[name] ?? '');
    if (context.cookies !== undefined) response.setHeader('set-cookie', context.cookies);
    if (stream === undefined) response.end(answer.body);
    // What fails now ends the connection, and is logged where it failed; a client that leaves is no failure.
    else await pipeline(stream, response).catch(() => undefined);
  };
  guarded.add(handler);
  const read = policy.method === 'GET' ? [] : bodies;
  router.route(policy.fullPath)[verbs[policy.method]](...read, handler);
};

/** True for a handler that stands behind a policy. */
export const isGuarded = (handler: object): boolean => guarded.has(handler);
