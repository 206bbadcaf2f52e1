import type { Actor, RequestContext } from '../app-core/context.ts';
import { Problem } from '../app-core/problem.ts';

/**
 * Who sent the request, for repositories.
 * @throws Problem 401 when nobody is known: a public route has no owner to ask for.
 */
export const actorOf = ({ actor }: RequestContext): Actor => {
  if (actor === undefined) throw new Problem(401, { headers: { 'www-authenticate': 'Session' } });
  return actor;
};
