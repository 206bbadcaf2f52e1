import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { Redis } from 'ioredis';
import type { Preparation } from '#tests/support/preparation.ts';

/**
 * Tests run without Redis, whose clock they could not move; those about the shared store ask for `sharedStore()`.
 * REDIS_URL is handed on under another name.
 */
export const prepare = async ({ env }: Preparation): Promise<Record<string, string>> => ({ REDIS_URL: '', TEST_REDIS_URL: env['REDIS_URL'] ?? '' });

/** A corner of the Redis of REDIS_URL for this test file alone, emptied at its end; undefined when there is none. */
export const sharedStore = (): { readonly env: Readonly<Record<string, string>>; readonly keys: () => Promise<string[]> } | undefined => {
  const url = process.env['TEST_REDIS_URL'] ?? process.env['REDIS_URL'] ?? '';
  if (url === '') return undefined;
  const prefix = `test:${randomUUID()}:`;
  const client = new Redis(url, { lazyConnect: true });
  const keys = async (): Promise<string[]> => {
    const found: string[] = [];
    let cursor = '0';
    do {
      const [next, page] = await client.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1000);
      found.push(...page);
      cursor = next;
    } while (cursor !== '0');
    return found;
  };
  after(async () => {
    const left = await keys();
    if (left.length > 0) await client.del(...left);
    client.disconnect();
  });
  // Generous, for machines that are busy with many tests at once.
  return { env: { REDIS_URL: url, REDIS_PREFIX: prefix, REDIS_TIMEOUT_MS: '5000' }, keys };
};
