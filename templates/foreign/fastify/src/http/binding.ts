import type { FastifyInstance } from 'fastify';
import type { AppContext } from '#src/context.ts';

/** Plugs a protection into Fastify. */
export interface Binding {
  readonly id: string;
  /** Ids of bindings that must be installed before. */
  readonly requires?: readonly string[];
  install(app: FastifyInstance, context: AppContext): void;
}

/**
 * Installs the bindings in order.
 * @throws Error when a binding stands before one that it requires: order is security.
 */
export const installAll = (bindings: readonly Binding[], app: FastifyInstance, context: AppContext): void => {
  const installed = new Set<string>();
  for (const binding of bindings) {
    const missing = binding.requires?.find((id) => !installed.has(id));
    if (missing !== undefined) throw new Error(`The protection \`${binding.id}\` needs \`${missing}\` before it in protections/index.`);
    binding.install(app, context);
    installed.add(binding.id);
  }
};
