import fastifyPlugin from 'fastify-plugin';
import type { FastifyHttpOptions, FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Server } from 'node:http';
import type { LoggerOptions } from 'pino';
import type { Config } from '#src/config.ts';
import type { AppContext } from '#src/context.ts';

export type ServerSettings = FastifyHttpOptions<Server>;

/** Plugs a protection into Fastify. */
export interface Binding {
  readonly id: string;
  /** Ids of bindings that must be installed before: a wrong order refuses to boot. */
  readonly requires?: readonly string[];
  /** What must be known before the server exists. */
  readonly server?: ServerSettings | ((config: Config) => ServerSettings);
  /** Headers of an answer written straight to the socket, where there is no request yet (parse errors). */
  readonly wireHeaders?: Readonly<Record<string, string>>;
  /** What must be known before the logger exists. */
  readonly log?: LoggerOptions;
  install(app: FastifyInstance, context: AppContext): void;
}

/** The binding as a plugin of the root, so that no encapsulated plugin escapes its hooks. */
export const toPlugin = (binding: Binding, context: AppContext): FastifyPluginAsync =>
  fastifyPlugin(async (app: FastifyInstance) => binding.install(app, context), { name: binding.id, dependencies: [...(binding.requires ?? [])] });

/** The server options of all bindings together; what they say of Node's own server is merged too. */
export const serverOptions = (bindings: readonly Binding[], config: Config): ServerSettings =>
  bindings.reduce<ServerSettings>((all, { server }) => {
    const own = typeof server === 'function' ? server(config) : server;
    return { ...all, ...own, http: { ...all.http, ...own?.http } };
  }, {});
