import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'account-pages',
  kind: 'option',
  group: 'Identity',
  title: 'Account pages',
  summary: 'Plain pages for signing up, in and out, two-step sign-in, passkeys and own sessions: they need no script, show what people typed as text, and cannot be framed or kept.',
  phase: 'routes',
  requires: ['accounts', 'csrf', 'headers', 'html', 'passkeys', 'password-recovery', 'redirects', 'totp'],
  dependencies: ['typebox'],
  items: {
    P1: {
      title: 'Pages for accounts',
      threat: 'A page for signing in runs what somebody else typed, is framed or kept by a cache, acts on being opened, or leaves out what the interface for programs insists on.',
      asvs: ['V1.1.2', 'V1.2.1', 'V1.2.2', 'V3.2.2', 'V3.4.3', 'V3.4.5', 'V3.4.6', 'V3.5.1', 'V3.7.2', 'V6.3.8', 'V7.5.1', 'V14.2.1', 'V14.3.2'],
      cwe: ['CWE-79', 'CWE-116', 'CWE-204', 'CWE-352', 'CWE-525', 'CWE-598', 'CWE-601', 'CWE-1021'],
    },
  },
  notCovered: [
    'Pages of your own: they are as safe as what makes them.',
    'Passkeys without script: the browser is asked for them by script only. Everything else works without it.',
    'A page that looks like this one on another host. Passkeys stay with their host; people who type passwords have to look.',
    'Languages other than English, and the look of your site: the pages are yours to change.',
  ],
});
