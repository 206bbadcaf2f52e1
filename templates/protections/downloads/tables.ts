import type { ColumnType } from 'kysely';

export interface Tables {
  /** Who may read a file besides its owner. */
  file_shares: {
    file_id: ColumnType<string, string, never>;
    user_id: ColumnType<string, string, never>;
    created_at: ColumnType<Date, Date, never>;
  };
}
