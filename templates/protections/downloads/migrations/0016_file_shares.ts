import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table file_shares (
    file_id uuid not null references files (id) on delete cascade,
    user_id text not null,
    created_at timestamptz(3) not null,
    primary key (file_id, user_id)
  )`,
);
