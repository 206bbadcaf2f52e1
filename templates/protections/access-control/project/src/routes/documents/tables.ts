import type { Generated } from 'kysely';

export interface Tables {
  documents: {
    id: Generated<string>;
    owner_id: string;
    title: string;
    body: string;
    /** For moderators. */
    moderation_note: Generated<string>;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  document_comments: {
    id: Generated<string>;
    document_id: string;
    author_id: string;
    text: string;
    created_at: Generated<Date>;
  };
}
