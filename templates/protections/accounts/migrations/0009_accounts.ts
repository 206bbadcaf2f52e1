import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  // Who signed up and did not prove the address yet is no user.
  `create table registrations (
    id uuid primary key default gen_random_uuid(),
    email text not null unique check (email = lower(email)),
    password_hash text not null,
    code_digest bytea unique check (length(code_digest) = 32),
    code_expires_at timestamptz(3),
    expires_at timestamptz(3) not null
  )`,
  'create index registrations_by_expiry on registrations (expires_at)',
  `create table invitations (
    id uuid primary key default gen_random_uuid(),
    email text not null unique check (email = lower(email)),
    roles text[] not null,
    invited_by uuid references users (id) on delete cascade,
    code_digest bytea unique check (length(code_digest) = 32),
    expires_at timestamptz(3) not null
  )`,
  'create index invitations_by_expiry on invitations (expires_at)',
);
