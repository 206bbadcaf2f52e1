import type { ColumnType } from 'kysely';

export interface Tables {
  /** Append only. */
  security_events: {
    id: ColumnType<string, never, never>;
    at: Date;
    type: string;
    user_id: string | null;
    client_ip: string | null;
    request_id: string | null;
    details: ColumnType<Record<string, string | number | boolean>, string | undefined, never>;
  };
}
