import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration('create table recurring_work (name text primary key, due_at timestamptz(3) not null)');
