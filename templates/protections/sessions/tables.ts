import type { ColumnType, Generated } from 'kysely';

/** How far somebody got: all the way, or up to one more thing that must be done. */
export type SessionState = 'full' | 'second-factor' | 'password-change';

/** Set by the database only. */
type DatabaseTime = ColumnType<Date | null, never, Date | null>;

export interface Tables {
  sessions: {
    /** SHA-256 of the cookie. The cookie itself is nowhere in the database. */
    token_hash: Buffer;
    /** What lists show. It opens nothing. */
    id: Generated<string>;
    user_id: string;
    way: string;
    state: SessionState;
    /** What stays to be done after a second factor. */
    limited_to: 'password-change' | null;
    /** Times of the database, so that all processes agree. A session that lacks one has expired. */
    created_at: DatabaseTime;
    last_seen_at: DatabaseTime;
    proven_at: DatabaseTime;
    /** Counts the writes of `data`. */
    version: Generated<number>;
    /** Sealed. */
    data: string | null;
    client: string;
    address: string;
  };
  /** Tries to prove something: a password, a code. */
  attempts: {
    /** SHA-256 of what is tried: names that people typed are not kept. */
    subject: Buffer;
    count: number;
    last_at: DatabaseTime;
  };
  /** What a browser hands to a native app, once. */
  native_codes: {
    code_hash: Buffer;
    user_id: string;
    client_id: string;
    redirect_uri: string;
    /** SHA-256 of the secret that only the app which began knows, base64url (RFC 7636). */
    challenge: string;
    device_name: string;
    created_at: ColumnType<Date, never, Date>;
  };
  /** A native app on which somebody is signed in. Tokens are kept as their SHA-256. */
  devices: {
    id: Generated<string>;
    user_id: string;
    client_id: string;
    name: string;
    /** The code it began with: shown again, it was stolen. */
    code_hash: Buffer;
    /** What all refresh tokens of the device have in common. */
    family_hash: Buffer;
    /** What only the latest has. */
    refresh_hash: Buffer;
    access_hash: Buffer;
    access_until: ColumnType<Date, Date, Date>;
    created_at: ColumnType<Date, never, Date>;
    last_used_at: ColumnType<Date, never, Date>;
  };
}
