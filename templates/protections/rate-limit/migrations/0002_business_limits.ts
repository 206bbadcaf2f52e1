import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table business_uses (
    name text not null,
    subject text not null,
    window_start bigint not null,
    uses bigint not null check (uses > 0),
    primary key (name, subject, window_start)
  )`,
  `create table flow_states (
    flow text not null,
    subject text not null,
    state text not null,
    primary key (flow, subject)
  )`,
  `create table idempotency_keys (
    actor text not null,
    key text not null,
    request_hash text not null,
    answer text,
    created_at timestamptz not null,
    primary key (actor, key)
  )`,
);
