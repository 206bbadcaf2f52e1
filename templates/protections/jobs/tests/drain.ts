import { randomUUID } from 'node:crypto';
import { drain } from '#src/protections/jobs/run.ts';
import type { TestApp } from '#tests/support/app.ts';

// A queue of this test file's own, for the apps that it starts: on a server, other files share the database.
process.env['JOBS_QUEUE'] = `test-${randomUUID()}`;

/** Runs every job that is due, here and now. Returns how many runs there were. Time passes by `app.clock.advance`. */
export const drainJobs = ({ context }: Pick<TestApp, 'context'>): Promise<number> => drain(context);
