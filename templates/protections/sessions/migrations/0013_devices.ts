import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table native_codes (
    code_hash bytea primary key check (length(code_hash) = 32),
    user_id uuid not null references users (id) on delete cascade,
    client_id text not null,
    redirect_uri text not null,
    challenge text not null,
    device_name text not null,
    created_at timestamptz(3) not null default now()
  )`,
  'create index native_codes_by_time on native_codes (created_at)',
  `create table devices (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references users (id) on delete cascade,
    client_id text not null,
    name text not null,
    code_hash bytea not null unique,
    family_hash bytea not null unique,
    refresh_hash bytea not null,
    access_hash bytea not null unique,
    access_until timestamptz(3) not null,
    created_at timestamptz(3) not null default now(),
    last_used_at timestamptz(3) not null default now()
  )`,
  'create index devices_by_user on devices (user_id)',
);
