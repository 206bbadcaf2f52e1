import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AppContext } from '#src/context.ts';
import { searchOf } from '#src/http/assemble.ts';
import { readAsJson } from '#src/http/body.ts';
import { contextOf } from '#src/protections/app-core/context.ts';
import type { Answer, RouteModule, RoutePolicy } from '#src/protections/app-core/route.ts';
import type { CompiledRoute } from '#src/protections/app-core/routing.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The policy of the route; a route without one refuses to boot. */
    policy?: RoutePolicy;
  }
}

/** One plugin for each module: hooks that a module adds for itself stay its own. */
export const registerModule = (app: FastifyInstance, module: RouteModule, context: AppContext): void => {
  // Async: what is thrown here must fail the boot, and a plugin with a callback throws past it.
  app.register(async (scope) => {
    if (module.consumes !== undefined) readAsJson(scope, module.consumes, (body) => context.routing.tools.parseJson(body));
    for (const route of module.routes) addRoute(scope, context.routing.compile(route, module, context));
  });
};

const addRoute = (app: FastifyInstance, { policy, serve }: CompiledRoute): void => {
  app.route({
    method: policy.method,
    url: policy.fullPath,
    config: { policy },
    handler: (request: FastifyRequest<{ Params: Record<string, string> }>, reply: FastifyReply) => {
      const { raw, params, body } = request;
      const answer = serve({ request: raw, context: contextOf(raw), raw: { params, search: searchOf(raw), body } });
      // A promise is handed to Fastify only when there is one: the detour would cost every synchronous route.
      if (answer instanceof Promise) return answer.then((settled) => head(reply, settled));
      reply.send(head(reply, answer));
      return undefined;
    },
  });
};

/** Sets status and headers; what remains to be sent is the body. */
const head = (reply: FastifyReply, { status, headers, body }: Answer): string | undefined => {
  reply.code(status).headers(headers);
  return body;
};
