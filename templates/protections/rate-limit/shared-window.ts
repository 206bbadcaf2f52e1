import type { Redis } from 'ioredis';
import { slices } from './sliding-window.ts';

/**
 * The window of sliding-window.ts on Redis, for all processes. One script is one atomic step, and the time is that of
 * Redis: processes whose clocks differ count in the same slices (Q466). Needs Redis 5 or later.
 *
 * A hash for each client, slice -> uses. Returns 0 when the use is admitted, else the ms until the next one can be.
 */
const take = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, width, slices = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local current = math.floor(now / width)
local total, oldest = 0, current
local uses = redis.call('HGETALL', KEYS[1])
for i = 1, #uses, 2 do
  local slice = tonumber(uses[i])
  if slice < current - slices then
    redis.call('HDEL', KEYS[1], uses[i])
  else
    total = total + tonumber(uses[i + 1])
    if slice < oldest then oldest = slice end
  end
end
if total >= limit then return math.ceil((oldest + slices + 1) * width - now) end
redis.call('HINCRBY', KEYS[1], string.format('%d', current), 1)
redis.call('PEXPIRE', KEYS[1], math.ceil((slices + 1) * width))
return 0
`;

/**
 * Counts one use of `key` in the shared store, unless the limit is reached.
 * @returns 0 when the use is admitted, else the ms until the next one can be
 * @throws Error when the store does not answer.
 */
export const takeShared = async (redis: Redis, key: string, limit: number, windowMs: number): Promise<number> => {
  const waitMs: unknown = await redis.eval(take, 1, key, limit, windowMs / slices, slices);
  if (typeof waitMs !== 'number') throw new TypeError('The shared store did not answer with a number.');
  return waitMs;
};
