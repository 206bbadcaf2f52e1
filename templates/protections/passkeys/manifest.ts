import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'passkeys',
  kind: 'option',
  group: 'Identity',
  title: 'Passkeys',
  summary: 'Signs people in by a key that their device keeps and that answers this origin alone; nothing that can be typed into another page.',
  phase: 'identity',
  requires: ['sessions', 'csrf', 'rate-limit', 'jobs'],
  services: ['db', 'mailer', 'recurring', 'security-events', 'users'],
  dependencies: ['@simplewebauthn/server', 'kysely', 'typebox'],
  items: {
    Q454: {
      title: 'Passkeys',
      threat: 'Badly verified ceremonies let an attacker enrol or replay a credential.',
      asvs: ['V6.3.3', 'V6.5.6', 'V6.5.7', 'V6.7.1', 'V6.7.2', 'V7.5.1'],
      cwe: ['CWE-287', 'CWE-294', 'CWE-346'],
    },
  },
  notCovered: [
    'Which make of authenticator it is: no attestation is asked for, so a passkey may live in software and be synchronised by its vendor.',
    'Whoever can unlock the device or the account that its passkeys are synchronised with.',
    'A copy of a synchronised passkey: authenticators of that kind do not count, and nothing tells two copies apart.',
    'Script that runs on a page of this app: it can ask for a ceremony, though not without the gesture of the user.',
  ],
});
