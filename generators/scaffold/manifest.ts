import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'new-protection',
  kind: 'option',
  group: 'HTTP',
  title: 'New protection',
  summary: 'Refuses requests that carry the header x-attack.',
  phase: 'limits',
  requires: ['app-core'],
  items: {
    Q000: {
      title: 'New protection',
      threat: 'What an attacker does when the protection is absent, in one sentence.',
      asvs: ['V1.1.1'],
      cwe: ['CWE-693'],
    },
  },
  notCovered: ['What this does not stop; at least one line.'],
});
