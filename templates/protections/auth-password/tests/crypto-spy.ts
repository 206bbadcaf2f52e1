import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { mock } from 'node:test';

/** What was hashed while a spy was there. */
export interface Argon2Calls {
  count: number;
  /** The most that ran at the same time. */
  mostAtOnce: number;
  /** The most memory that one of them asked for, KiB. */
  mostMemory: number;
}

/** Counts the calls of Argon2 while `work` runs. The code under test is what it is. */
export const countArgon2 = async (work: () => Promise<void>): Promise<Argon2Calls> => {
  const calls: Argon2Calls = { count: 0, mostAtOnce: 0, mostMemory: 0 };
  const { argon2 } = crypto;
  let running = 0;
  const spied: typeof argon2 = (algorithm, parameters, callback) => {
    calls.count += 1;
    running += 1;
    calls.mostAtOnce = Math.max(calls.mostAtOnce, running);
    calls.mostMemory = Math.max(calls.mostMemory, parameters.memory);
    argon2(algorithm, parameters, (error, tag) => {
      running -= 1;
      callback(error, tag);
    });
  };
  await whileMocked('argon2', spied, work);
  return calls;
};

/** Counts the comparisons in constant time while `work` runs. */
export const countComparisons = async (work: () => Promise<unknown>): Promise<number> => {
  let count = 0;
  const { timingSafeEqual } = crypto;
  const spied: typeof timingSafeEqual = (a, b) => {
    count += 1;
    return timingSafeEqual(a, b);
  };
  await whileMocked('timingSafeEqual', spied, work);
  return count;
};

const whileMocked = async <N extends 'argon2' | 'timingSafeEqual'>(name: N, replacement: (typeof crypto)[N], work: () => Promise<unknown>): Promise<void> => {
  const mocked = mock.method(crypto, name, replacement);
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    mocked.mock.restore();
    syncBuiltinESMExports();
  }
};
