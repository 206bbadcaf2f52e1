import { Address6 } from 'ip-address';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { networkOf } from '../../templates/protections/rate-limit/client.ts';
import { SlidingWindow } from '../../templates/protections/rate-limit/sliding-window.ts';

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

describe('the network of an address, against ip-address (which express-rate-limit groups by)', () => {
  const random = randomNumbers(429);
  const below = (limit: number): number => Math.floor(random() * limit);

  /** The /64 as ip-address sees it, in the spelling of ours. */
  const subnet = (address: string): string =>
    `${new Address6(`${address}/64`)
      .startAddress()
      .canonicalForm()
      .split(':')
      .slice(0, 4)
      .map((group) => Number.parseInt(group, 16).toString(16))
      .join(':')}::/64`;

  const randomAddress = (): string => Array.from({ length: 8 }, () => (random() < 0.4 ? 0 : below(0x10000)).toString(16)).join(':');

  test('5000 addresses, in full, canonical and compressed spelling', () => {
    for (let round = 0; round < 5000; round += 1) {
      const full = randomAddress();
      const parsed = new Address6(full);
      if (full.startsWith('0:0:0:0:0:ffff:')) continue;
      for (const spelling of [full, parsed.canonicalForm(), parsed.correctForm(), full.toUpperCase()]) expect(networkOf(spelling), spelling).toBe(subnet(full));
    }
  });

  test('IPv4 addresses mapped into IPv6 are IPv4 addresses', () => {
    for (let round = 0; round < 1000; round += 1) {
      const ipv4 = Array.from({ length: 4 }, () => below(256)).join('.');
      const mapped = Address6.fromAddress4(ipv4);
      for (const spelling of [ipv4, `::ffff:${ipv4}`, mapped.correctForm(), mapped.canonicalForm()]) expect(networkOf(spelling), spelling).toBe(ipv4);
    }
  });
});

describe('the sliding window, against rate-limiter-flexible', () => {
  const windowMs = 10_000;

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('bursts with pauses longer than a window: the same decisions', async () => {
    const random = randomNumbers(466);
    for (let limit = 1; limit <= 20; limit += 1) {
      const theirs = new RateLimiterMemory({ points: limit, duration: windowMs / 1000, keyPrefix: `limit-${limit}` });
      const ours = new SlidingWindow({ limit, windowMs });
      for (let burst = 0; burst < 10; burst += 1) {
        const calls = Math.ceil(random() * 3 * limit);
        for (let call = 0; call < calls; call += 1) {
          const admitted = await theirs.consume('client').then(
            () => true,
            () => false,
          );
          expect(ours.take('client', Date.now()) === 0, `limit ${limit}, call ${call}`).toBe(admitted);
          await vi.advanceTimersByTimeAsync(Math.floor((random() * (windowMs - 1)) / calls));
        }
        await vi.advanceTimersByTimeAsync(Math.ceil(windowMs * (1.1 + random())));
      }
    }
  });

  test('around the end of a window the fixed one admits twice its limit, this one does not', async () => {
    const theirs = new RateLimiterMemory({ points: 10, duration: windowMs / 1000 });
    const ours = new SlidingWindow({ limit: 10, windowMs });
    const admitted = { theirs: 0, ours: 0 };
    const call = async (): Promise<void> => {
      await theirs.consume('client').then(
        () => (admitted.theirs += 1),
        () => undefined,
      );
      if (ours.take('client', Date.now()) === 0) admitted.ours += 1;
    };
    await call();
    await vi.advanceTimersByTimeAsync(windowMs - 100);
    for (let index = 0; index < 10; index += 1) await call();
    await vi.advanceTimersByTimeAsync(200);
    for (let index = 0; index < 10; index += 1) await call();
    expect(admitted.theirs).toBe(20);
    expect(admitted.ours).toBe(10);
  });
});
