import type { Generated } from 'kysely';

/** `waiting` for its next attempt, `delivered`, or `dead`: given up. */
export type DeliveryStatus = 'waiting' | 'delivered' | 'dead';

export interface Tables {
  webhook_endpoints: {
    id: string;
    owner_id: string;
    url: string;
    /** The types of events it wants to hear of. */
    events: string[];
    /** Sealed. */
    secret: string;
    /** Sealed; the secret before, as long as the owner has not replaced it everywhere. */
    previous_secret: string | null;
    previous_until: Date | null;
    created_at: Date;
    /** The first failure since it took a message. */
    failing_since: Date | null;
    disabled_at: Date | null;
  };
  webhook_deliveries: {
    id: Generated<string>;
    endpoint_id: string;
    type: string;
    /** What is sent, to the byte: every attempt signs the same. */
    body: string;
    status: Generated<DeliveryStatus>;
    attempts: Generated<number>;
    last_status: number | null;
    /** A word for the owner, never what the other side said. */
    last_failure: string | null;
    created_at: Date;
    finished_at: Date | null;
  };
}
