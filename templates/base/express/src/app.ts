import express from 'express';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { Config } from '#src/config.ts';
import { type App, type Parts, bootOrClose, closeServices, createContext, endBackgroundWork, portOf } from '#src/http/assemble.ts';
import { installAll, serverOptions } from '#src/http/binding.ts';
import { answerClientError } from '#src/http/client-error.ts';
import { answerLeftover } from '#src/http/last-resort.ts';
import { registerModules } from '#src/http/register.ts';
import { modules, protections } from '#src/protections/index.ts';
import { routes } from '#src/routes/index.ts';

/**
 * Builds the app: services, then the protections in the order of the registry, then the routes. Nothing listens yet.
 * @throws Error when a protection is in the wrong place or a route has no policy.
 */
export const buildApp = async (config: Config, parts: Parts = {}): Promise<App> => {
  const bindings = [...protections, ...(parts.bindings ?? [])];
  const context = await createContext(config, bindings, parts);
  // `env`: outside of production Express prints the stack of an error that nothing else answered.
  const app = express().set('env', 'production').disable('etag').set('query parser', 'simple').enable('case sensitive routing').enable('strict routing');
  const server = createServer(serverOptions(bindings, config), app).on('clientError', answerClientError(bindings));

  await bootOrClose(context, () => {
    installAll(bindings, app, context, server);
    registerModules(app, [...modules, ...routes, ...(parts.modules ?? [])], context);
    for (const binding of bindings) binding.installLast?.(app, context);
    app.use(answerLeftover);
  });

  return {
    context,
    server,
    listen: async (host, port) => {
      await once(server.listen(port, host), 'listening');
      return portOf(server);
    },
    close: async () => {
      const closed = new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
      });
      await Promise.all([closed, endBackgroundWork(context)]);
      await closeServices(context);
    },
  };
};
