import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'redirects',
  kind: 'core',
  group: 'HTTP',
  title: 'Redirects',
  summary: 'Redirects stay on this host; links to elsewhere are shown before they are followed.',
  phase: 'routes',
  requires: ['host-check'],
  dependencies: ['typebox'],
  lint: {
    'redirects/return-redirect': 'error',
    'redirects/throw-problem': 'error',
    'redirects/no-raw-redirect': 'error',
  },
  foreign: {
    requires: [],
    modules: ['safe-redirect.ts'],
    notes: ['Nothing is wired: pass every return-to parameter through `safeRedirect` of protections/redirects before you redirect to it.'],
    notCovered: ['A redirect that does not ask `safeRedirect`.'],
  },
  items: {
    Q441: {
      title: 'Open redirects',
      threat: 'A return-to parameter sends the user to a phishing host from a trusted link.',
      asvs: ['V1.2.2', 'V3.7.2', 'V3.7.3'],
      cwe: ['CWE-601'],
    },
    G3: {
      title: 'Redirecting and aborting',
      threat: 'Code keeps running after a redirect or an error answer, so the guarded action happens anyway.',
      asvs: ['V3.7.2', 'V16.5.3'],
      cwe: ['CWE-698', 'CWE-601'],
    },
  },
  notCovered: [
    'Redirects by meta refresh or by script in pages of your own.',
    'What waits at an external target: the page shows where a link leads, not whether it is safe.',
    'A path of this app that itself does harm when opened by GET.',
  ],
});
