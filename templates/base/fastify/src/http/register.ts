import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AppContext } from '#src/context.ts';
import { searchOf } from '#src/http/assemble.ts';
import { contextOf } from '#src/protections/app-core/context.ts';
import type { RouteModule, RoutePolicy } from '#src/protections/app-core/route.ts';
import type { CompiledRoute } from '#src/protections/app-core/routing.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The policy of the route; a route without one refuses to boot. */
    policy?: RoutePolicy;
  }
}

/** One plugin for each module: hooks that a module adds for itself stay its own. */
export const registerModule = (app: FastifyInstance, module: RouteModule, context: AppContext): void => {
  app.register((scope, _options, done) => {
    for (const route of module.routes) addRoute(scope, context.routing.compile(route, module, context));
    done();
  });
};

const addRoute = (app: FastifyInstance, { policy, serve }: CompiledRoute): void => {
  app.route({
    method: policy.method,
    url: policy.fullPath,
    config: { policy },
    handler: async (request: FastifyRequest<{ Params: Record<string, string> }>, reply: FastifyReply) => {
      const { raw, params, body } = request;
      const answer = await serve({ request: raw, context: contextOf(raw), raw: { params, search: searchOf(raw), body } });
      return reply.code(answer.status).headers(answer.headers).send(answer.body);
    },
  });
};
