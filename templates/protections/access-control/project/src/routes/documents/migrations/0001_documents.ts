import { defineMigration } from '#src/services/db/migration.ts';

export const migration = defineMigration(
  `create table documents (
    id uuid primary key default gen_random_uuid(),
    owner_id text not null,
    title text not null,
    body text not null,
    moderation_note text not null default '',
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now()
  )`,
  'create index documents_by_owner on documents (owner_id, created_at, id)',
  `create table document_comments (
    id uuid primary key default gen_random_uuid(),
    document_id uuid not null references documents (id) on delete cascade,
    author_id text not null,
    text text not null,
    created_at timestamptz(3) not null default now()
  )`,
  'create index document_comments_by_document on document_comments (document_id, created_at)',
);
