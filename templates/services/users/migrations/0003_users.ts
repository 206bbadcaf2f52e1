import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table users (
    id uuid primary key default gen_random_uuid(),
    email text not null unique check (email = lower(email)),
    email_verified_at timestamptz(3),
    roles text[] not null default '{}',
    disabled_at timestamptz(3),
    created_at timestamptz(3) not null default now()
  )`,
);
