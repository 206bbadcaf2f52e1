import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table webhook_events (
    webhook text not null,
    event_id text not null,
    digest bytea check (length(digest) = 32),
    secret_tag text,
    received_at timestamptz(3) not null,
    primary key (webhook, event_id),
    unique (webhook, digest)
  )`,
  'create index webhook_events_received on webhook_events (received_at)',
);
