import type { ColumnType, Generated } from 'kysely';

export interface Tables {
  files: {
    id: Generated<string>;
    owner_id: ColumnType<string, string, never>;
    tenant: ColumnType<string | null, string | null, never>;
    storage_key: ColumnType<string, string, never>;
    /** For people: never a path. */
    name: string;
    type: string;
    /** As long as it is pending: what is reserved. */
    size: ColumnType<string, number, number>;
    /** `pending`: it is being received and checked, and nobody gets it. */
    state: 'pending' | 'clean';
    created_at: ColumnType<Date, Date, never>;
  };
}
