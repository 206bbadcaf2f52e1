import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'csrf',
  kind: 'core',
  group: 'Identity',
  title: 'Cross-site request forgery',
  summary: 'Takes changes from pages of this origin only, with a token that belongs to the session.',
  phase: 'csrf',
  requires: ['sessions'],
  services: ['keys'],
  dependencies: ['typebox'],
  foreign: {
    requires: ['app-core'],
    sameJob: ['csurf', 'csrf-csrf', 'csrf-sync', 'lusca', '@fastify/csrf-protection'],
    standsBeside: true,
    notes: ['Set BASE_URL to the origin that users see: changes that pages of any other origin send are answered 403.'],
    notCovered: ['Browsers that send neither Sec-Fetch-Site, nor Origin, nor Referer: there is no token besides.'],
  },
  items: {
    B2: {
      title: 'Forged cross-site requests',
      threat: 'A foreign page makes the browser send an authenticated state change.',
      asvs: ['V3.5.1', 'V3.5.2', 'V3.5.3'],
      cwe: ['CWE-352'],
    },
  },
  notCovered: [
    'Script in a page of this origin (XSS): it reads the token like your own script does.',
    'A GET route of your own that changes something: safe methods are not checked.',
  ],
});
