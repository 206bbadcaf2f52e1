import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { AppContext } from '#src/context.ts';
import { searchOf } from '#src/http/assemble.ts';
import { readAsJson, readOther } from '#src/http/body.ts';
import { streamOf } from '#src/http/stream.ts';
import { type RequestContext, contextOf } from '#src/protections/app-core/context.ts';
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
    context.routing.announce(module);
    if (module.consumes !== undefined) readAsJson(scope, module.consumes, (body) => context.routing.tools.parseJson(body));
    for (const reader of module.reads ?? []) readOther(scope, reader, context);
    for (const route of module.routes) addRoute(scope, context.routing.compile(route, module, context), context);
  });
};

const addRoute = (app: FastifyInstance, { policy, serve }: CompiledRoute, { log }: AppContext): void => {
  app.route({
    method: policy.method,
    url: policy.fullPath,
    config: { policy },
    handler: (request: FastifyRequest<{ Params: Record<string, string> }>, reply: FastifyReply) => {
      const { raw, params, body } = request;
      const context = contextOf(raw);
      const answer = serve({ request: raw, context, raw: { params, search: searchOf(raw), body } });
      // A promise is handed to Fastify only when there is one: the detour would cost every synchronous route.
      if (answer instanceof Promise) return answer.then((settled): Sent | Promise<Sent> => bodyOf(reply, settled, context, log));
      const sent = bodyOf(reply, answer, context, log);
      if (sent instanceof Promise) return sent;
      reply.send(sent);
      return undefined;
    },
  });
};

type Sent = string | Readable | undefined;

/** What remains to be sent when status and headers are set; those of a stream are set when it has begun. */
const bodyOf = (reply: FastifyReply, answer: Answer, context: RequestContext, log: Logger): Sent | Promise<Sent> => {
  const { body, stream } = answer;
  if (stream === undefined) {
    setHead(reply, answer, context);
    return body;
  }
  return begun(reply, stream, log).then((readable) => {
    setHead(reply, answer, context);
    return readable;
  });
};

/** Of a HEAD nothing is made: Fastify would read it to its end and throw it away. */
const begun = async ({ request }: FastifyReply, stream: AsyncIterable<string | Uint8Array>, log: Logger): Promise<Readable> =>
  request.method === 'HEAD' ? Readable.from([]) : streamOf(stream, log);

const setHead = (reply: FastifyReply, { status, headers }: Answer, { cookies }: RequestContext): void => {
  reply.code(status).headers(headers);
  if (cookies !== undefined) reply.header('set-cookie', cookies);
};
