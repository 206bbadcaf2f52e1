import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table password_resets (
    user_id uuid primary key references users (id) on delete cascade,
    token_digest bytea not null unique check (length(token_digest) = 32),
    expires_at timestamptz(3) not null
  )`,
  'create index password_resets_by_expiry on password_resets (expires_at)',
);
