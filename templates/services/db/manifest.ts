import { defineService } from '../../../src/manifest.ts';

export default defineService({
  id: 'db',
  title: 'Database',
  summary: 'PostgreSQL through Kysely; embedded (PGlite) until DATABASE_URL names a server.',
  dependencies: ['@electric-sql/pglite', 'kysely', 'pg'],
  devDependencies: ['@types/pg'],
  env: {
    DATABASE_URL: {
      type: 'optional-url',
      protocols: ['postgres:', 'postgresql:'],
      describe: 'PostgreSQL, logged in as the role app_rt, which cannot change the schema; without it an embedded database is used',
    },
    MIGRATION_DATABASE_URL: {
      type: 'optional-url',
      protocols: ['postgres:', 'postgresql:'],
      describe: 'The same database, logged in as the owner of the schema; for npm run migrate, and where the start itself may migrate',
    },
    DATABASE_DIR: {
      type: 'string',
      default: 'data',
      describe: 'Where the embedded database keeps its files; made readable for this user alone',
    },
    DATABASE_POOL_SIZE: {
      type: 'integer',
      default: 10,
      min: 1,
      max: 200,
      describe: 'The most connections that this process opens to PostgreSQL',
    },
    STATEMENT_TIMEOUT_MS: {
      type: 'integer',
      default: 10_000,
      min: 50,
      max: 600_000,
      describe: 'After this long PostgreSQL ends a query; the caller gets 503',
    },
    IDLE_TRANSACTION_TIMEOUT_MS: {
      type: 'integer',
      default: 15_000,
      min: 50,
      max: 600_000,
      describe: 'After this long PostgreSQL ends a transaction that does nothing',
    },
    PGLITE_SNAPSHOT: { type: 'optional-string', describe: 'Start the embedded database in memory from this file; set by the tests' },
  },
  scripts: { migrate: 'node scripts/migrate.ts' },
  compose: {
    db: {
      image: 'postgres:17.6-alpine',
      environment: { POSTGRES_USER: 'owner', POSTGRES_DB: 'app', POSTGRES_PASSWORD: '${DB_OWNER_PASSWORD:?set it in .env}' },
      port: 5432,
      healthcheck: ['CMD-SHELL', 'pg_isready -U owner -d app'],
      volume: '/var/lib/postgresql/data',
      appEnvironment: {
        DATABASE_URL: 'postgres://app_rt:${DB_APP_PASSWORD:?set it in .env}@db:5432/app',
        MIGRATION_DATABASE_URL: 'postgres://owner:${DB_OWNER_PASSWORD:?set it in .env}@db:5432/app',
      },
      secrets: { DB_APP_PASSWORD: 24, DB_OWNER_PASSWORD: 24 },
    },
  },
});
