import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table webhook_endpoints (
    id uuid primary key,
    owner_id text not null,
    url text not null,
    events text[] not null,
    secret text not null,
    previous_secret text,
    previous_until timestamptz(3),
    created_at timestamptz(3) not null,
    failing_since timestamptz(3),
    disabled_at timestamptz(3),
    check ((previous_secret is null) = (previous_until is null))
  )`,
  'create index webhook_endpoints_by_owner on webhook_endpoints (owner_id, created_at)',
  `create table webhook_deliveries (
    id uuid primary key default gen_random_uuid(),
    endpoint_id uuid not null references webhook_endpoints (id) on delete cascade,
    type text not null,
    body text not null,
    status text not null default 'waiting' check (status in ('waiting', 'delivered', 'dead')),
    attempts integer not null default 0,
    last_status integer,
    last_failure text,
    created_at timestamptz(3) not null,
    finished_at timestamptz(3),
    check ((status = 'waiting') = (finished_at is null))
  )`,
  'create index webhook_deliveries_by_endpoint on webhook_deliveries (endpoint_id, created_at)',
  'create index webhook_deliveries_finished on webhook_deliveries (finished_at) where finished_at is not null',
);
