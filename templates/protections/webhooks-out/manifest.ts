import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'webhooks-out',
  kind: 'option',
  group: 'Work',
  title: 'Outgoing webhooks',
  summary: 'Tells the endpoints of users what happened: signed, to public hosts only, again when it fails, and not for ever.',
  phase: 'routes',
  requires: ['access-control', 'app-core', 'database', 'encryption', 'jobs', 'outbound-http', 'validation'],
  services: ['db', 'keys', 'recurring', 'security-events'],
  dependencies: ['kysely', 'typebox'],
  env: {
    WEBHOOKS_OUT_ENDPOINTS: { type: 'integer', default: 10, min: 1, max: 1000, describe: 'Webhook endpoints that one user may have' },
    WEBHOOKS_OUT_ATTEMPTS: { type: 'integer', default: 10, min: 1, max: 50, describe: 'How often a webhook message is sent before it is given up; ten take about a day and a half' },
    WEBHOOKS_OUT_DISABLE_HOURS: { type: 'integer', default: 72, min: 1, max: 8760, describe: 'An endpoint that took no webhook message for so many hours is disabled' },
    WEBHOOKS_OUT_DEADLINE_MS: { type: 'integer', default: 10_000, min: 10, max: 14_000, describe: 'How long one delivery of a webhook may take, in ms' },
    WEBHOOKS_OUT_CONCURRENCY: { type: 'integer', default: 20, min: 1, max: 1000, describe: 'Webhooks that this process delivers at once; to one endpoint at most two' },
    WEBHOOKS_OUT_KEEP_DAYS: { type: 'integer', default: 30, min: 1, max: 3650, describe: 'Days for which webhook messages that were delivered, or given up, are kept' },
  },
  items: {
    W1: {
      title: 'Outgoing webhooks',
      threat: 'Messages can be forged, reach hosts inside, tell strangers what is not theirs, get lost, or come without end.',
      asvs: ['V1.3.6', 'V8.2.2', 'V11.3.4', 'V13.1.3', 'V13.2.6', 'V15.3.1'],
      cwe: ['CWE-918', 'CWE-345', 'CWE-639', 'CWE-522', 'CWE-400'],
    },
  },
  notCovered: [
    'Endpoints that do not verify the signature: they believe everybody.',
    'A message that arrives twice: it does when an answer is lost. Its `webhook-id` stays the same.',
    'The order of messages: one that failed comes behind later ones.',
    'Floods through many accounts at one public host: everybody may point an endpoint anywhere.',
  ],
});
