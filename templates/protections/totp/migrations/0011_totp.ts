import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table totp_secrets (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    secret text not null,
    confirmed_at timestamptz(3),
    last_step integer not null default 0,
    created_at timestamptz(3) not null
  )`,
  // One secret that counts, and beside it one that waits to be confirmed.
  'create unique index totp_secrets_confirmed on totp_secrets (user_id) where confirmed_at is not null',
  'create unique index totp_secrets_pending on totp_secrets (user_id) where confirmed_at is null',
  `create table totp_recovery_codes (
    user_id uuid not null references users (id) on delete cascade,
    digest bytea not null check (length(digest) = 32),
    used_at timestamptz(3),
    primary key (user_id, digest)
  )`,
);
