import type { FastifyInstance } from 'fastify';
import type { AppContext } from '#src/context.ts';
import { type Parts, createContext } from '#src/http/assemble.ts';
import { installAll } from '#src/http/binding.ts';
import { protections } from '#src/protections/index.ts';

/**
 * Puts the protections of the registry into `app`. Stands right behind the line that makes the app: a plugin or a hook before
 * it would run unprotected.
 * @throws ConfigError that lists everything that makes this start unsafe.
 */
export const secureApp = (app: FastifyInstance, parts: Parts = {}): AppContext => {
  const context = createContext(app.log, parts);
  installAll(protections, app, context);
  return context;
};
