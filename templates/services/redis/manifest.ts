import { defineService } from '../../../src/manifest.ts';

export default defineService({
  id: 'redis',
  title: 'Shared store',
  summary: 'Redis where REDIS_URL names one, so that many processes share limits; otherwise each process keeps its own.',
  dependencies: ['ioredis'],
  env: {
    REDIS_URL: {
      type: 'optional-url',
      protocols: ['redis:', 'rediss:'],
      describe: 'Redis 7 or later, shared by all processes; without it every process counts for itself',
    },
    REDIS_PREFIX: { type: 'string', default: 'app:', describe: 'Begins every key, so that several apps can share one Redis' },
    REDIS_TIMEOUT_MS: { type: 'integer', default: 500, min: 10, max: 30_000, describe: 'After this long an answer of Redis is given up' },
  },
  compose: {
    redis: {
      image: 'redis:7.4-alpine',
      command: ['redis-server', '--save', '', '--appendonly', 'no', '--maxmemory', '256mb', '--maxmemory-policy', 'volatile-ttl'],
      port: 6379,
      healthcheck: ['CMD', 'redis-cli', 'ping'],
      appEnvironment: { REDIS_URL: 'redis://redis:6379' },
    },
  },
});
