import { defineService } from '../../../src/manifest.ts';

export default defineService({
  id: 'security-events',
  title: 'Security events',
  summary: 'Keeps what matters to security (sign-ins, refusals, changed factors) in the transaction in which it happened, and logs it.',
  services: ['db'],
  dependencies: ['kysely'],
});
