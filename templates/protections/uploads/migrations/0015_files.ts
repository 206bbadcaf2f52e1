import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table files (
    id uuid primary key default gen_random_uuid(),
    owner_id text not null,
    tenant text,
    storage_key text not null unique,
    name text not null,
    type text not null,
    size bigint not null check (size >= 0),
    state text not null check (state in ('pending', 'clean')),
    created_at timestamptz(3) not null
  )`,
  'create index files_by_owner on files (owner_id, created_at)',
  `create index files_pending on files (created_at) where state = 'pending'`,
);
