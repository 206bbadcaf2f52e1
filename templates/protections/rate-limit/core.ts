import type { Redis } from 'ioredis';
import type { AppContext } from '#src/context.ts';
import type { RequestContext } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { GuardFactory } from '#src/protections/app-core/routing.ts';
import { actorOf, networkOf } from './client.ts';
import { tooMany } from './clients.ts';
import { type RequestLimit, limits } from './limits.ts';
import { takeShared } from './shared-window.ts';
import { SlidingWindow } from './sliding-window.ts';

type Count = (context: RequestContext) => Problem | undefined | Promise<Problem | undefined>;

/** Attaches the named limits to the routes that ask for them. */
export const limitRoutes = (app: AppContext): GuardFactory => {
  const { client } = app.services.redis;
  const counts = new Map(Object.entries(limits).map(([name, limit]) => [name, client === undefined ? countHere(limit, app) : countShared(name, limit, client, app)]));
  return ({ method, fullPath, limits: names = [] }) => {
    const asked = names.map((name) => {
      const count = counts.get(name);
      if (count === undefined) throw new Error(`${method} ${fullPath} asks for the limit \`${name}\`, which src/protections/rate-limit/limits.ts does not declare.`);
      return count;
    });
    const [only, ...others] = asked;
    if (only === undefined) return undefined;
    return others.length === 0 ? ({ context }) => only(context) : ({ context }) => firstRefusal(asked, context);
  };
};

const firstRefusal = async (counts: readonly Count[], context: RequestContext): Promise<Problem | undefined> => {
  for (const count of counts) {
    const problem = await count(context);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const keyOf = ({ by }: RequestLimit, context: RequestContext): string => (by === 'actor' ? actorOf(context) : `ip:${networkOf(context.clientIp)}`);

const countHere = (limit: RequestLimit, { clock }: Pick<AppContext, 'clock'>): ((context: RequestContext) => Problem | undefined) => {
  const window = new SlidingWindow(limit);
  return (context) => {
    const waitMs = window.take(keyOf(limit, context), clock.monotonic()); // protect: Q466 (clock.monotonic() -> clock.now())
    return waitMs === 0 ? undefined : tooMany(waitMs); // protect: Q429
  };
};

/** A store that is down is logged this often at most. */
const complainEveryMs = 10_000;

const countShared = (name: string, limit: RequestLimit, redis: Redis, { clock, log, services }: AppContext): Count => {
  const here = countHere(limit, { clock });
  let complainAt = -Infinity;
  return async (context) => {
    try {
      const waitMs = await takeShared(redis, services.redis.key('limit', name, keyOf(limit, context)), limit.limit, limit.windowMs);
      return waitMs === 0 ? undefined : tooMany(waitMs);
    } catch (error) {
      if (clock.monotonic() >= complainAt) {
        complainAt = clock.monotonic() + complainEveryMs;
        log.error({ err: error, limit: name, fails: limit.whenStoreIsDown }, 'the shared store of limits does not answer');
      }
      // Guessing passwords must not become free of limits by a fault of the store, or by an attack on it.
      if (limit.whenStoreIsDown === 'closed') return new Problem(503, { headers: { 'retry-after': '5' } }); // protect: Q429
      return here(context);
    }
  };
};
