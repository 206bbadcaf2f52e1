import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'logging',
  kind: 'core',
  group: 'HTTP',
  title: 'Application log',
  summary: 'Keeps passwords, tokens and card numbers out of the log, and forged lines too.',
  phase: 'transport',
  requires: ['app-core'],
  dependencies: ['pino'],
  env: {
    ACCESS_LOG: { type: 'boolean', default: true, describe: 'One log line for each request: method, route, status, duration, ids' },
  },
  items: {
    Q417: {
      title: 'Keeping secrets out of logs',
      threat: 'Passwords, tokens and personal data end up in log storage; crafted input forges entries.',
      asvs: ['V16.2.5', 'V16.4.1'],
      cwe: ['CWE-532', 'CWE-117'],
    },
    Q470: {
      title: 'Redaction as second line',
      threat: 'A developer logs an object that contains a secret.',
      asvs: ['V14.2.4', 'V16.2.5'],
      cwe: ['CWE-532'],
    },
  },
  notCovered: [
    'Secrets under a harmless name and without a known shape: a password logged as `value` is written as it is.',
    'Personal data in free text, for example names and addresses in a message.',
    'What other processes log: the reverse proxy, the database, the platform.',
    'What is written around the logger, with console.log or straight to a stream.',
  ],
});
