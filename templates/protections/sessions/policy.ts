import type { TSchema } from 'typebox';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { RoutePolicy } from '#src/protections/app-core/route.ts';
import type { GuardFactory } from '#src/protections/app-core/routing.ts';
import { type Session, sessionOf } from './current.ts';

/** Sessions that wait for one more thing. */
export type HalfOpen = 'second-factor' | 'password-change';

declare module '#src/protections/app-core/route.ts' {
  interface RouteSpec<I extends InputSchemas = InputSchemas, O extends TSchema = TSchema> {
    /** The way to sign in that this route is: nothing but such a route can open a session (ASVS V6.3.4). */
    readonly signsIn?: string;
    /** Only with a proof that is minutes old; otherwise 403 `step_up_required` (ASVS V7.5.1). */
    readonly stepUp?: true;
    /** Sessions that wait for one more thing and may use this route all the same. On public routes they count as nobody. */
    readonly admits?: readonly HalfOpen[];
    /** Called by a timer and not by a person: a session is not kept alive by it. */
    readonly polls?: true;
  }
}

const codes = { 'second-factor': 'second_factor_required', 'password-change': 'password_change_required' } as const;

/** True when `session` may use the route. */
const isAdmitted = ({ state }: Session, { admits = [] }: RoutePolicy): boolean => state === 'full' || admits.includes(state);

/**
 * Whether the session counts on a route: a full one does, one that waits for something only where the route admits it.
 * @returns the refusal; nothing on public routes, where such a session is nobody.
 */
export const refuseHalfOpen = (session: Session, policy: RoutePolicy): Problem | undefined => {
  if (session.state === 'full' || isAdmitted(session, policy) || policy.access === 'public') return undefined;
  return new Problem(403, { extensions: { code: codes[session.state] } }); // protect: A4
};

/** True when the session says who acts on the route. */
export const counts = (session: Session, policy: RoutePolicy): boolean => isAdmitted(session, policy);

/** The answer to a request that needs a fresh proof. */
export const stepUpRequired = (): Problem => new Problem(403, { extensions: { code: 'step_up_required' } });

/**
 * Asks for a fresh proof where the route says so.
 * @throws Error at boot for a route whose credential cannot be proven again.
 */
export const requireStepUp: GuardFactory = ({ method, fullPath, stepUp, credential = 'session' }) => {
  if (stepUp !== true) return undefined;
  if (credential !== 'session') throw new Error(`${method} ${fullPath} asks for a step-up, which only a session can give.`);
  return ({ context }) => {
    // Nobody is asked to prove again who they are: access-control answers 401.
    if (context.actor === undefined) return undefined;
    return sessionOf(context)?.isFresh === true ? undefined : stepUpRequired(); // protect: Q406
  };
};
