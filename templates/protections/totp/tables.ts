import type { Generated } from 'kysely';

export interface Tables {
  totp_secrets: {
    id: string;
    user_id: string;
    /** Sealed; what it is sealed for names the row. */
    secret: string;
    /** Null as long as nobody has shown a code of it: it counts for nothing. */
    confirmed_at: Date | null;
    /** The time step (RFC 6238) of the last code that was accepted; codes of it and of earlier ones are used up. */
    last_step: Generated<number>;
    created_at: Date;
  };
  totp_recovery_codes: {
    user_id: string;
    /** SHA-256; the codes have 120 random bits (ASVS V6.5.2). */
    digest: Buffer;
    used_at: Date | null;
  };
}
