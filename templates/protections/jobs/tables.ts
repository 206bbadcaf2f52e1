import type { ColumnType, Generated } from 'kysely';

/** `waiting` for its time or its turn, `running`, or finished: `done`, `denied` (its user may not), `dead` (it cannot work). */
export type JobStatus = 'waiting' | 'running' | 'done' | 'denied' | 'dead';

export interface Tables {
  jobs: {
    id: Generated<string>;
    queue: string;
    type: string;
    /** Checked against the schema of the type before it is used: whoever can write here is not believed. */
    payload: ColumnType<unknown, string, never>;
    /** Who left it; null for the app itself. */
    actor_id: string | null;
    tenant: string | null;
    idempotency_key: string;
    status: Generated<JobStatus>;
    /** How often it was begun. It also tells one run from the next: only the latest may finish the job. */
    attempts: Generated<number>;
    /** When it may be begun. Of a running one: when it may be begun anew, should its process be dead. */
    due_at: Date;
    created_at: Date;
    finished_at: Date | null;
    /** For whoever left it. */
    result: string | null;
    /** Why it is not done; a word, never data. */
    failure: string | null;
  };
}
