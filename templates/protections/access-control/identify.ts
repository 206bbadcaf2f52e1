import type { IncomingMessage } from 'node:http';
import type { RequestContext } from '../app-core/context.ts';
import type { GuardFactory, IdentityProvider } from '../app-core/routing.ts';

/** Asks the identity providers in their order until one knows the caller. Public routes too: they may greet a user. */
export const identifyCaller: GuardFactory = (_policy, { routing }) => {
  const { identities } = routing;
  return ({ request, context }) => ask(identities, 0, request, context);
};

const ask = (
  identities: readonly IdentityProvider[],
  from: number,
  request: IncomingMessage,
  context: RequestContext,
): undefined | Promise<undefined> => {
  for (let index = from; index < identities.length; index += 1) {
    const answer = identities[index]?.(request);
    if (answer instanceof Promise) {
      return answer.then((actor) => {
        if (actor === undefined) return ask(identities, index + 1, request, context);
        context.actor = actor;
        return undefined;
      });
    }
    if (answer !== undefined) {
      context.actor = answer;
      return undefined;
    }
  }
  return undefined;
};
