import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'errors',
  kind: 'core',
  group: 'HTTP',
  title: 'Failure handling',
  summary: 'Answers every failure without a word about the inside, and writes it down once under an id.',
  phase: 'errors',
  requires: ['app-core'],
  lint: { 'typescript/only-throw-error': 'error', 'typescript/prefer-promise-reject-errors': 'error' },
  foreign: {
    sameJob: ['error handler'],
    notCovered: ['Failures outside of a request: what the process does then is said by the repo itself.'],
  },
  items: {
    Q465: {
      title: 'Error responses',
      threat: 'Stack traces, SQL or library messages in responses map the system for an attacker; unhandled failures take it down.',
      asvs: ['V4.1.1', 'V13.4.2', 'V16.5.1', 'V16.5.3', 'V16.5.4'],
      cwe: ['CWE-209', 'CWE-248'],
    },
  },
  notCovered: [
    'What you write into the detail of a Problem yourself: it is sent as it is.',
    'A response that has begun: its connection is cut, since its status has left already.',
    'Errors that a proxy in front of the app makes itself.',
  ],
});
