export interface Tables {
  /** Messages that were taken in, so that none is taken in twice. */
  webhook_events: {
    webhook: string;
    event_id: string;
    /** SHA-256 of what was signed, where the signature does not cover the id. */
    digest: Buffer | null;
    /** Names the secret of a message without a signed time: as long as that counts, the message is remembered. */
    secret_tag: string | null;
    received_at: Date;
  };
}
