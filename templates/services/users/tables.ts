import type { Generated } from 'kysely';

export interface Tables {
  users: {
    id: Generated<string>;
    /** In the form of `canonicalEmail`. */
    email: string;
    email_verified_at: Date | null;
    roles: Generated<string[]>;
    disabled_at: Date | null;
    created_at: Generated<Date>;
  };
}
