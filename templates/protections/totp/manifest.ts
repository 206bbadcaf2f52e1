import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'totp',
  kind: 'option',
  group: 'Identity',
  title: 'One-time codes',
  summary: 'Asks for a code of an authenticator app after the first factor; each code works once, recovery codes stand in when the app is gone.',
  phase: 'identity',
  requires: ['sessions', 'csrf', 'encryption', 'rate-limit', 'jobs'],
  services: ['db', 'keys', 'mailer', 'recurring', 'security-events', 'users'],
  dependencies: ['kysely', 'otplib', 'typebox', 'uqr'],
  items: {
    Q442: {
      title: 'TOTP second factor',
      threat: 'Stolen passwords suffice, or the second factor can be replayed, brute-forced or replaced.',
      asvs: ['V6.3.3', 'V6.5.1', 'V6.5.2', 'V6.5.3', 'V6.5.4', 'V6.5.5', 'V6.5.6', 'V6.5.8', 'V7.5.1'],
      cwe: ['CWE-287', 'CWE-294', 'CWE-307'],
    },
  },
  notCovered: [
    'A code that is typed into a page of somebody else and passed on at once: only a passkey knows where it is used.',
    'Malware on the phone that holds the secret, and a secret that its app copies to a cloud.',
    'Whoever has both the password and the recovery codes, for example because they are kept together.',
    'Users who never turn it on: nothing here makes them.',
  ],
});
