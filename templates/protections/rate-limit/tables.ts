import type { ColumnType } from 'kysely';

type BigInteger = ColumnType<string, number, number>;

export interface Tables {
  /** How much of a business limit a subject has used up in a window. */
  business_uses: { name: string; subject: string; window_start: BigInteger; uses: BigInteger };
  /** Where a subject stands in a flow. */
  flow_states: { flow: string; subject: string; state: string };
  /** Answers to requests that carried an Idempotency-Key. */
  idempotency_keys: { actor: string; key: string; request_hash: string; answer: string | null; created_at: Date };
}
