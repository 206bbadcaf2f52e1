import type { Generated } from 'kysely';

export interface Tables {
  /** Apart from the users: what reads those for a list has no hash in its hands. */
  passwords: {
    user_id: string;
    /** With its scheme and parameters. */
    hash: string;
    changed_at: Date;
    /** True when there is evidence that somebody else knows it. Age is none. */
    must_change: Generated<boolean>;
  };
}
