import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table jobs (
    id uuid primary key default gen_random_uuid(),
    queue text not null,
    type text not null,
    payload jsonb not null,
    actor_id text,
    tenant text,
    idempotency_key text not null,
    status text not null default 'waiting' check (status in ('waiting', 'running', 'done', 'denied', 'dead')),
    attempts integer not null default 0,
    due_at timestamptz(3) not null,
    created_at timestamptz(3) not null,
    finished_at timestamptz(3),
    result text,
    failure text,
    check ((status in ('done', 'denied', 'dead')) = (finished_at is not null)),
    unique nulls not distinct (queue, type, actor_id, idempotency_key)
  )`,
  `create index jobs_due on jobs (queue, due_at) where status in ('waiting', 'running')`,
  `create index jobs_finished on jobs (finished_at) where finished_at is not null`,
);
