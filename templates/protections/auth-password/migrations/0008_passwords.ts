import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table passwords (
    user_id uuid primary key references users (id) on delete cascade,
    hash text not null,
    changed_at timestamptz(3) not null,
    must_change boolean not null default false
  )`,
);
