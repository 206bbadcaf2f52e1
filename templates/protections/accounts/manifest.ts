import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'accounts',
  kind: 'option',
  group: 'Identity',
  title: 'Accounts',
  summary: 'People sign up, prove their address, and are invited; no answer tells who has an account, and nobody can prepare an account for somebody else.',
  phase: 'routes',
  requires: ['auth-password'],
  services: ['db', 'mailer', 'recurring', 'security-events', 'users'],
  dependencies: ['kysely', 'typebox'],
  env: {
    REGISTRATION: { type: 'choice', choices: ['open', 'invited'], default: 'open', describe: 'Who may have an account: everybody who signs up, or only who is invited' },
    VERIFY_EMAIL_PAGE: { type: 'string', default: '/verify-email', describe: 'The page that mails of a sign-up lead to, below BASE_URL; it gets `?code=`' },
    INVITATION_PAGE: { type: 'string', default: '/invitation', describe: 'The page that invitations lead to, below BASE_URL; it gets `?code=`' },
  },
  scripts: { 'make-admin': 'node --disable-proto=delete --env-file-if-exists=.env scripts/make-admin.ts' },
  items: {
    A1: {
      title: 'Registration',
      threat: 'Sign-up reveals who has an account, makes a second account for one address, or floods the mailbox of somebody else.',
      asvs: ['V2.4.1', 'V6.3.8', 'V16.3.1'],
      cwe: ['CWE-204', 'CWE-799', 'CWE-837'],
    },
    A2: {
      title: 'Address verification',
      threat: 'Somebody opens an account under the address of another, and keeps it when its owner comes.',
      asvs: ['V6.4.1', 'V6.5.1', 'V6.5.3', 'V6.6.2', 'V11.5.1'],
      cwe: ['CWE-287', 'CWE-640', 'CWE-330'],
    },
    A3: {
      title: 'Invitations and the first administrator',
      threat: 'An invitation is guessed, used twice or long after, gives rights that nobody meant to give, or comes with a password that others know.',
      asvs: ['V6.3.2', 'V6.4.1', 'V6.5.1', 'V8.2.1', 'V11.5.1'],
      cwe: ['CWE-269', 'CWE-330', 'CWE-613', 'CWE-1392'],
    },
  },
  notCovered: [
    'Whoever reads the mailbox of somebody: the address is what an account hangs on.',
    'Somebody who keeps signing up with the address of another keeps them from it for as long.',
    'Many sign-ups for many addresses from many networks: put a puzzle before the page if that happens to you.',
    'Addresses that differ and reach the same person, such as me+a@example.com and me+b@example.com: they are two accounts.',
  ],
});
