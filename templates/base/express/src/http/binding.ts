import type { Express } from 'express';
import type { Server, ServerOptions } from 'node:http';
import type { LoggerOptions } from 'pino';
import type { Config } from '#src/config.ts';
import type { AppContext } from '#src/context.ts';

/** Plugs a protection into Express. */
export interface Binding {
  readonly id: string;
  /** Ids of bindings that must be installed before. */
  readonly requires?: readonly string[];
  /** What must be known before the server exists. */
  readonly server?: ServerOptions | ((config: Config) => ServerOptions);
  /** Headers of an answer written straight to the socket, where there is no request yet (parse errors). */
  readonly wireHeaders?: Readonly<Record<string, string>>;
  /** What must be known before the logger exists. */
  readonly log?: LoggerOptions;
  /** Before the routes: middleware in the order of the registry. */
  install?(app: Express, context: AppContext, server: Server): void;
  /** Behind the routes: what answers when no route did, and error handlers. */
  installLast?(app: Express, context: AppContext): void;
}

/**
 * Installs the bindings in order.
 * @throws Error when a binding stands before one that it requires: order is security.
 */
export const installAll = (bindings: readonly Binding[], app: Express, context: AppContext, server: Server): void => {
  const installed = new Set<string>();
  for (const binding of bindings) {
    const missing = binding.requires?.find((id) => !installed.has(id));
    if (missing !== undefined) throw new Error(`The protection \`${binding.id}\` needs \`${missing}\` before it in src/protections/index.ts.`);
    binding.install?.(app, context, server);
    installed.add(binding.id);
  }
};

/** The server options of all bindings together. */
export const serverOptions = (bindings: readonly Binding[], config: Config): ServerOptions =>
  bindings.reduce<ServerOptions>((all, { server }) => ({ ...all, ...(typeof server === 'function' ? server(config) : server) }), {});
