import Fastify from 'fastify';
import type { Config } from '#src/config.ts';
import { type App, type Parts, bootOrClose, closeServices, createContext, endBackgroundWork, portOf } from '#src/http/assemble.ts';
import { serverOptions, toPlugin } from '#src/http/binding.ts';
import { readJsonBodies } from '#src/http/body.ts';
import { answerClientError } from '#src/http/client-error.ts';
import { lastResort } from '#src/http/last-resort.ts';
import { registerModule } from '#src/http/register.ts';
import { modules, protections } from '#src/protections/index.ts';
import { routes } from '#src/routes/index.ts';

/**
 * Builds the app: services, then the protections in the order of the registry, then the routes. Nothing listens yet.
 * @throws Error when a protection is in the wrong place or a route has no policy.
 */
export const buildApp = async (config: Config, parts: Parts = {}): Promise<App> => {
  const bindings = [...protections, ...(parts.bindings ?? [])];
  const context = await createContext(config, bindings, parts);
  const app = Fastify({
    ...serverOptions(bindings, config),
    bodyLimit: config.BODY_LIMIT_BYTES,
    logger: false,
    clientErrorHandler: answerClientError(bindings),
  });

  await bootOrClose(context, async () => {
    readJsonBodies(app, context);
    const answerLeftovers = lastResort(app);
    for (const binding of bindings) app.register(toPlugin(binding, context));
    app.after(answerLeftovers);
    for (const module of [...modules, ...routes, ...(parts.modules ?? [])]) registerModule(app, module, context);
    await app.ready();
  });

  return {
    context,
    server: app.server,
    listen: async (host, port) => {
      await app.listen({ host, port });
      return portOf(app.server);
    },
    close: async () => {
      await Promise.all([app.close(), endBackgroundWork(context)]);
      await closeServices(context);
    },
  };
};
