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

/** One router for each module: middleware that a module adds for itself stays its own. */
export const registerModule = (app: Express, module: RouteModule, context: AppContext): void => {
  context.routing.announce(module);
  const router = Router({ caseSensitive: true, strict: true });
  const bodies = readBodies(context, module);
  for (const route of module.routes) addRoute(router, context.routing.compile(route, module, context), bodies, context);
  app.use(router);
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
  router.route(policy.fullPath)[verbs[policy.method]](...bodies, handler);
};

/** True for a handler that stands behind a policy. */
export const isGuarded = (handler: object): boolean => guarded.has(handler);
