import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'sessions',
  kind: 'core',
  group: 'Identity',
  title: 'Browser and device sessions',
  summary: 'Keeps people signed in: sessions on the server that end in time, change their id at every step up, and are listed and ended by their owner.',
  phase: 'session',
  requires: ['access-control', 'database', 'encryption', 'host-check', 'request-hygiene', 'validation'],
  services: ['db', 'keys', 'security-events', 'users'],
  dependencies: ['kysely', 'typebox'],
  env: {
    SESSION_IDLE_MINUTES: { type: 'integer', default: 30, min: 1, max: 1_440, describe: 'A session that is not used for so long has ended, minutes' },
    SESSION_MAX_HOURS: { type: 'integer', default: 12, min: 1, max: 720, describe: 'A session ends after so long however much it is used, hours' },
    SESSION_STEP_UP_MINUTES: { type: 'integer', default: 10, min: 1, max: 60, describe: 'For so long after a proof a route with step-up asks for no other, minutes' },
    NATIVE_CLIENTS: {
      type: 'list',
      default: [],
      describe: 'Your own native apps, each with the one address that it is called back at: `ios=com.example.app:/signed-in`',
    },
    DEVICE_IDLE_DAYS: { type: 'integer', default: 30, min: 1, max: 365, describe: 'A native app that is not used for so long is signed out, days' },
    DEVICE_MAX_DAYS: { type: 'integer', default: 180, min: 1, max: 730, describe: 'A native app is signed out after so long however much it is used, days' },
  },
  lint: { 'sessions/only-sign-in-opens-sessions': 'error' },
  items: {
    Q406: {
      title: 'Session fixation',
      threat: 'A session id known to the attacker before login stays valid after it.',
      asvs: ['V7.2.3', 'V7.2.4', 'V7.4.1'],
      cwe: ['CWE-384'],
    },
    Q418: {
      title: 'Native and mobile clients',
      threat: 'Loosening browser cookies for an app weakens every browser user, and optional client headers are not authentication.',
      asvs: ['V3.3.2', 'V7.2.2', 'V7.5.2', 'V10.1.1'],
      cwe: ['CWE-1275', 'CWE-613', 'CWE-807'],
    },
    Q436: {
      title: 'Idle and absolute timeout',
      threat: 'A forgotten or stolen session stays usable for ever.',
      asvs: ['V7.1.1', 'V7.3.1', 'V7.3.2', 'V7.4.1', 'V14.3.1'],
      cwe: ['CWE-613'],
    },
    Q452: {
      title: 'Encrypted session store',
      threat: 'Whoever reads or writes the session store reads or swaps live sessions.',
      asvs: ['V11.3.2', 'V11.3.3', 'V12.3.1', 'V14.2.4'],
      cwe: ['CWE-311', 'CWE-353'],
    },
    Q473: {
      title: 'Session payload decoding',
      threat: 'Tampered or foreign session data is decoded into code, prototypes or privileges.',
      asvs: ['V1.5.2', 'V7.2.1', 'V15.3.6'],
      cwe: ['CWE-502', 'CWE-565', 'CWE-1321'],
    },
    B4: {
      title: 'Cookie attributes',
      threat: 'Cookies travel in clear, are read by scripts or overwritten from a sibling host.',
      asvs: ['V3.3.1', 'V3.3.2', 'V3.3.3', 'V3.3.4', 'V3.3.5'],
      cwe: ['CWE-614', 'CWE-1004', 'CWE-1275'],
    },
    G2: {
      title: 'Using the session as a store',
      threat: 'Sessions become an unbounded, racy bag for data that clients may influence.',
      asvs: ['V7.2.1', 'V14.3.3'],
      cwe: ['CWE-565', 'CWE-362'],
    },
    A4: {
      title: 'Every way to sign in',
      threat: 'A second way to a session lacks the limits, the second factor or the audit trail of the first, and is the one that is attacked.',
      asvs: ['V6.1.3', 'V6.3.4'],
      cwe: ['CWE-288', 'CWE-306', 'CWE-307'],
    },
  },
  notCovered: [
    'A session cookie that is stolen from the browser or the machine of a user: whoever holds it is the user until the session ends.',
    'What proves who a user is: that takes auth-password, passkeys or another way to sign in.',
    'Signing in with native apps by systems of others: the authorisation code flow here serves your own apps only.',
  ],
});
