import type { ColumnType, Generated } from 'kysely';

export interface Tables {
  passkeys: {
    id: Generated<string>;
    user_id: string;
    /** Unique across all users (WebAuthn Level 3, section 7.1). */
    credential_id: Buffer;
    /** COSE, as the authenticator stated it; never what the request says beside it. */
    public_key: Buffer;
    counter: ColumnType<string, number, number>;
    transports: string[];
    /** Whether the authenticator may copy the passkey to other devices. */
    device_type: 'singleDevice' | 'multiDevice';
    backed_up: boolean;
    name: string;
    created_at: Date;
    last_used_at: Date | null;
  };
  passkey_challenges: {
    digest: Buffer;
    ceremony: 'registration' | 'sign-in' | 'step-up';
    /** Digest of the session or of the browser that asked for the challenge. */
    binding: Buffer;
    expires_at: Date;
    spent: Generated<boolean>;
  };
}
