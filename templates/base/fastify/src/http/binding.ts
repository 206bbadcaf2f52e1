import fastifyPlugin from 'fastify-plugin';
import type { FastifyInstance, FastifyPluginAsync, FastifyServerOptions } from 'fastify';
import type { LoggerOptions } from 'pino';
import type { AppContext } from '#src/context.ts';

/** Plugs a protection into Fastify. */
export interface Binding {
  readonly id: string;
  /** Ids of bindings that must be installed before: a wrong order refuses to boot. */
  readonly requires?: readonly string[];
  /** What must be known before the server exists. */
  readonly server?: FastifyServerOptions;
  /** What must be known before the logger exists. */
  readonly log?: LoggerOptions;
  install(app: FastifyInstance, context: AppContext): void;
}

/** The binding as a plugin of the root, so that no encapsulated plugin escapes its hooks. */
export const toPlugin = (binding: Binding, context: AppContext): FastifyPluginAsync =>
  fastifyPlugin(async (app: FastifyInstance) => binding.install(app, context), { name: binding.id, dependencies: [...(binding.requires ?? [])] });

/** The server options of all bindings together. */
export const serverOptions = (bindings: readonly Binding[]): FastifyServerOptions =>
  bindings.reduce<FastifyServerOptions>((all, { server }) => ({ ...all, ...server }), {});
