import { Problem } from '../app-core/problem.ts';
import type { GuardFactory } from '../app-core/routing.ts';
import { isInternal, serviceRole } from './internal-listener.ts';

const known = /^(?:public|user|service|internal|role:[a-z][a-z\d-]*)$/;

/** The role that an access value asks for, if any. */
const roleOf = (access: string): string | undefined => {
  if (access === 'service' || access === 'internal') return serviceRole;
  return access.startsWith('role:') ? access.slice('role:'.length) : undefined;
};

/**
 * Decides on the matched route, never on its path: what the router took for this route is this route (CWE-425).
 * @throws Error at boot for a route that does not say who may call it.
 */
export const guardAccess: GuardFactory = ({ method, fullPath, access }) => {
  if (!known.test(access)) throw new Error(`${method} ${fullPath} does not say who may call it: access is \`${access}\`.`); // protect: Q463
  if (access === 'public') return undefined;
  const role = roleOf(access);
  return ({ context }) => {
    const { actor } = context;
    if (actor === undefined) return new Problem(401, { headers: { 'www-authenticate': 'Session' } }); // protect: Q463
    if (role !== undefined && !actor.roles.includes(role)) return new Problem(403); // protect: Q463
    return undefined;
  };
};

/** Internal routes do not exist on the public listener: not even a login is asked for. */
export const hideInternal: GuardFactory = ({ access }) => {
  if (access !== 'internal') return undefined;
  // protect: Q463 (isInternal(request) -> isInternal(request) || true)
  return ({ request }) => (isInternal(request) ? undefined : new Problem(404));
};
