import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'webhooks',
  kind: 'option',
  group: 'Work',
  title: 'Incoming webhooks',
  summary: 'Takes messages of other systems only when they are signed, fresh and new, and leaves each to a job, once.',
  phase: 'routes',
  requires: ['access-control', 'app-core', 'jobs', 'validation'],
  services: ['db', 'keys', 'recurring'],
  dependencies: ['kysely', 'typebox'],
  env: {
    WEBHOOK_SECRETS: {
      type: 'list',
      default: [],
      describe: 'Secrets that senders of webhooks sign with, webhook:secret; while one is replaced the old one too, with its last day: stripe@2027-03-31:secret',
    },
    WEBHOOK_LIMIT_BYTES: { type: 'integer', default: 1_048_576, min: 1_024, max: 33_554_432, describe: 'The largest webhook message, in bytes' },
    WEBHOOK_TOLERANCE_S: { type: 'integer', default: 300, min: 1, max: 3600, describe: 'How far the signed time of a webhook message may be from that of this server, in seconds' },
    WEBHOOK_KEEP_DAYS: {
      type: 'integer',
      default: 30,
      min: 4,
      max: 3650,
      describe: 'Days for which the id of a webhook message is remembered: longer than its sender repeats it',
    },
  },
  items: {
    Q482: {
      title: 'Webhook verification',
      threat: 'Anyone can post events, or replay and relabel genuine ones.',
      asvs: ['V2.2.1', 'V4.1.5', 'V11.2.4'],
      cwe: ['CWE-345', 'CWE-347', 'CWE-294'],
    },
  },
  notCovered: [
    'Whoever has the secret of a webhook: a message that they sign is genuine.',
    'What the sender leaves unsigned, such as the kind of a GitHub event: the schema of each kind must tell it from the others.',
    'The order of events: they may arrive, and be done, in another order than they happened. Ask the sender for the state of now where it matters.',
    'Schemes that sign with a private key (v1a of Standard Webhooks, PayPal, AWS SNS).',
  ],
});
