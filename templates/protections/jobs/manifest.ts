import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'jobs',
  kind: 'option',
  group: 'Work',
  title: 'Background jobs',
  summary: 'Work that a request leaves for later is done once, by the rights its user has then, and survives a crash.',
  phase: 'access',
  requires: ['access-control', 'database', 'validation'],
  services: ['db', 'mailer', 'recurring', 'security-events', 'users'],
  dependencies: ['kysely', 'typebox'],
  env: {
    JOBS_CONCURRENCY: {
      type: 'integer',
      default: 2,
      min: 0,
      max: 50,
      describe: 'Jobs that this process runs at once, each on a database connection of its own; 0: it only leaves work for others',
    },
    JOBS_QUEUE: {
      type: 'string',
      default: 'default',
      describe: 'This process leaves and takes jobs of this queue only: two versions of an app can share a database',
    },
    JOBS_POLL_MS: { type: 'integer', default: 1000, min: 50, max: 60_000, describe: 'How often a process looks for jobs that others left, in ms' },
    JOBS_LEASE_MS: {
      type: 'integer',
      default: 30_000,
      min: 1000,
      max: 3_600_000,
      describe: 'After this long another process takes over the job of one that died, in ms',
    },
    JOBS_KEEP_DAYS: { type: 'integer', default: 7, min: 1, max: 3650, describe: 'Days after which a finished job is deleted; a failed one stays four times as long' },
  },
  items: {
    Q467: {
      title: 'Authorisation in workers',
      threat: "Work queued with yesterday's rights, or a forged message, acts on someone else's data.",
      asvs: ['V2.3.3', 'V8.2.2', 'V8.3.1', 'V8.3.2', 'V8.3.3'],
      cwe: ['CWE-862', 'CWE-639', 'CWE-367'],
    },
  },
  notCovered: [
    'Effects outside of the database, such as a mail: they happen at least once, and again when the process dies between the effect and the commit.',
    'Whoever can write to the table of jobs can leave work in the name of any user; what that user may not do is still refused.',
    'The rights of an API key or of a single session: the user is asked for again, not the credential.',
  ],
});
