import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table security_events (
    id bigint generated always as identity primary key,
    at timestamptz(3) not null,
    type text not null,
    user_id uuid,
    client_ip text,
    request_id text,
    details jsonb not null default '{}'
  )`,
  'create index security_events_by_user on security_events (user_id, at)',
  'create index security_events_by_type on security_events (type, at)',
  // What happened stays as it was: the app may add lines, and nothing else.
  'revoke update, delete, truncate on security_events from app_rt',
);
