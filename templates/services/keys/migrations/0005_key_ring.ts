import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table key_ring (
    kid text primary key,
    purpose text not null,
    algorithm text not null,
    state text not null check (state in ('active', 'decrypt-only', 'destroyed')),
    created_at timestamptz(3) not null,
    active_from timestamptz(3) not null,
    wrapped text,
    check ((state = 'destroyed') = (wrapped is null))
  )`,
  // Of several processes that make or rotate a key at once one wins.
  "create unique index key_ring_active on key_ring (purpose) where state = 'active'", // protect: Q481
  // The app adds keys and retires them; only the owner of the schema can destroy one.
  'revoke update, delete, truncate on key_ring from app_rt', // protect: Q481
  'grant update (state) on key_ring to app_rt',
);
