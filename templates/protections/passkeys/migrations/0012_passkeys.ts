import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table passkeys (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references users (id) on delete cascade,
    credential_id bytea not null unique,
    public_key bytea not null,
    counter bigint not null,
    transports text[] not null,
    device_type text not null check (device_type in ('singleDevice', 'multiDevice')),
    backed_up boolean not null,
    name text not null,
    created_at timestamptz(3) not null,
    last_used_at timestamptz(3)
  )`,
  'create index passkeys_by_user on passkeys (user_id, created_at)',
  `create table passkey_challenges (
    digest bytea primary key check (length(digest) = 32),
    ceremony text not null check (ceremony in ('registration', 'sign-in', 'step-up')),
    binding bytea not null,
    expires_at timestamptz(3) not null,
    spent boolean not null default false
  )`,
  'create index passkey_challenges_by_expiry on passkey_challenges (expires_at)',
);
