import type { Generated } from 'kysely';

export interface Tables {
  /** Who signed up and has not proven their address yet: no user, and nobody who can sign in. One for each address, the newest. */
  registrations: {
    id: Generated<string>;
    /** In the form of `canonicalEmail`. */
    email: string;
    password_hash: string;
    /** SHA-256 of the code in the mail; null until the mail goes out. */
    code_digest: Buffer | null;
    code_expires_at: Date | null;
    expires_at: Date;
  };
  /** Who may have an account, and with which roles. One for each address, the newest. */
  invitations: {
    id: Generated<string>;
    /** In the form of `canonicalEmail`. */
    email: string;
    roles: string[];
    /** Null for the first administrator, whom nobody could invite. */
    invited_by: string | null;
    code_digest: Buffer | null;
    expires_at: Date;
  };
}
