import { defineMigration } from '#src/services/db/migration.ts';

const rolesChanged = 'old.roles is distinct from new.roles'; // protect: Q436 ('old.roles is distinct from new.roles' -> 'false')
const disabled = 'old.disabled_at is distinct from new.disabled_at'; // protect: Q436 ('old.disabled_at is distinct from new.disabled_at' -> 'false')

export const migration = defineMigration(
  `create table sessions (
    token_hash bytea primary key check (length(token_hash) = 32),
    id uuid not null unique default gen_random_uuid(),
    user_id uuid not null references users (id) on delete cascade,
    way text not null,
    state text not null check (state in ('full', 'second-factor', 'password-change')),
    limited_to text check (limited_to = 'password-change'),
    created_at timestamptz(3) default now(),
    last_seen_at timestamptz(3) default now(),
    proven_at timestamptz(3) default now(),
    version integer not null default 0,
    data text,
    client text not null,
    address text not null
  )`,
  'create index sessions_by_user on sessions (user_id)',
  'create index sessions_by_use on sessions (last_seen_at)',
  `create table attempts (
    subject bytea primary key,
    count integer not null,
    last_at timestamptz(3) not null default now()
  )`,
  'create index attempts_by_time on attempts (last_at)',
  // Processes keep sessions in memory for moments. Whatever ends or changes one is announced by the database itself, so that nobody can forget to.
  `create function announce_changed_session() returns trigger language plpgsql as $$
    begin
      perform pg_notify('sessions_changed', old.user_id::text);
      return null;
    end
  $$`,
  `create function announce_changed_user() returns trigger language plpgsql as $$
    begin
      perform pg_notify('sessions_changed', old.id::text);
      return null;
    end
  $$`,
  // protect: Q436 (update or delete -> update)
  'create trigger session_changed after update or delete on sessions for each row execute function announce_changed_session()',
  `create trigger user_changed after update on users for each row
    when (${rolesChanged} or ${disabled}) execute function announce_changed_user()`,
);
