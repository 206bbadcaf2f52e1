import type { Runner } from './package-facts.ts';

/** Packages that say what a repo stands on. */
export const databases: readonly { readonly package: string; readonly what: string }[] = [
  { package: '@prisma/client', what: 'Prisma' },
  { package: 'prisma', what: 'Prisma' },
  { package: 'drizzle-orm', what: 'Drizzle' },
  { package: 'kysely', what: 'Kysely' },
  { package: 'typeorm', what: 'TypeORM' },
  { package: '@mikro-orm/core', what: 'MikroORM' },
  { package: 'sequelize', what: 'Sequelize' },
  { package: 'mongoose', what: 'Mongoose' },
  { package: 'mongodb', what: 'MongoDB driver' },
  { package: 'knex', what: 'Knex' },
  { package: 'objection', what: 'Objection' },
  { package: 'pg', what: 'node-postgres' },
  { package: 'postgres', what: 'postgres.js' },
  { package: 'mysql2', what: 'mysql2' },
  { package: 'better-sqlite3', what: 'better-sqlite3' },
  { package: 'sqlite3', what: 'sqlite3' },
  { package: 'ioredis', what: 'ioredis' },
];

/** Test runners, by their command in the script `test` and by their package. */
export const runners: readonly { readonly runner: Runner; readonly command: RegExp; readonly package: string }[] = [
  { runner: 'vitest', command: /\bvitest\b/, package: 'vitest' },
  { runner: 'jest', command: /\bjest\b/, package: 'jest' },
  { runner: 'mocha', command: /\bmocha\b/, package: 'mocha' },
  { runner: 'tap', command: /\btap\b/, package: 'tap' },
  { runner: 'node:test', command: /--test\b/, package: 'node:test' },
];
