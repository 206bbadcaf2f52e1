import type { ColumnType } from 'kysely';

export type KeyState = 'active' | 'decrypt-only' | 'destroyed';

export interface Tables {
  key_ring: {
    kid: ColumnType<string, string, never>;
    purpose: ColumnType<string, string, never>;
    algorithm: ColumnType<string, string, never>;
    state: KeyState;
    created_at: ColumnType<Date, Date, never>;
    /** Until then the key before it goes on being used: every process has time to see the new one. */
    active_from: ColumnType<Date, Date, never>;
    /** The key, wrapped by the master key; null when it is destroyed. */
    wrapped: string | null;
  };
}
