import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'downloads',
  kind: 'option',
  group: 'Data',
  title: 'File downloads',
  summary: 'Hands stored files to their owners and to those they share with, as something to save that no browser runs.',
  phase: 'routes',
  requires: ['access-control', 'app-core', 'encryption', 'host-check', 'request-hygiene', 'uploads', 'validation'],
  services: ['db', 'keys', 'security-events', 'storage'],
  dependencies: ['kysely', 'typebox'],
  env: {
    DOWNLOAD_ORIGIN: {
      type: 'optional-url',
      protocols: ['https:', 'http:'],
      describe: 'An origin of its own for stored files, best on another domain, such as https://files.example-content.com; its host belongs into ALLOWED_HOSTS too',
    },
    DOWNLOAD_LINK_SECONDS: { type: 'integer', default: 300, min: 1, max: 604_800, describe: 'How long a signed link works, in seconds' },
  },
  items: {
    Q408: {
      title: 'Safe delivery',
      threat: 'A stored file runs as active content, or its name rewrites headers.',
      asvs: ['V3.2.1', 'V3.4.4', 'V5.4.1', 'V5.4.2'],
      cwe: ['CWE-79', 'CWE-113'],
    },
    Q475: {
      title: 'Ownership of stored files',
      threat: "Guessing or keeping a file id gives access to another user's file.",
      asvs: ['V5.3.2', 'V8.2.2'],
      cwe: ['CWE-639', 'CWE-22', 'CWE-204'],
    },
  },
  notCovered: [
    'What a program on the machine of the recipient does with a file that was saved.',
    'A signed link that is passed on: whoever has it has the file until it expires, or until its user may not see the file any more.',
    'Copies: whoever could read a file may have kept it.',
  ],
});
