import Fastify from 'fastify';
import type { Config } from '#src/config.ts';
import { type App, type Parts, closeServices, createContext, portOf } from '#src/http/assemble.ts';
import { serverOptions, toPlugin } from '#src/http/binding.ts';
import { readJsonBodies } from '#src/http/body.ts';
import { registerModule } from '#src/http/register.ts';
import { modules, protections } from '#src/protections/index.ts';
import { routes } from '#src/routes/index.ts';

/**
 * Builds the app: services, then the protections in the order of the registry, then the routes. Nothing listens yet.
 * @throws Error when a protection is in the wrong place or a route has no policy.
 */
export const buildApp = async (config: Config, parts: Parts = {}): Promise<App> => {
  const context = await createContext(config, protections, parts);
  const app = Fastify({ ...serverOptions(protections), bodyLimit: config.BODY_LIMIT_BYTES, logger: false });

  readJsonBodies(app, context);
  for (const protection of protections) app.register(toPlugin(protection, context));
  for (const module of [...modules, ...routes, ...(parts.modules ?? [])]) registerModule(app, module, context);
  await app.ready();

  return {
    context,
    server: app.server,
    listen: async (host, port) => {
      await app.listen({ host, port });
      return portOf(app.server);
    },
    close: async () => {
      await app.close();
      await closeServices(context);
    },
  };
};
