import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'access-control',
  kind: 'core',
  group: 'Access',
  title: 'Authorisation',
  summary: 'Decides on every route who may call it, on every row whose it is, on every answer which fields leave.',
  phase: 'access',
  requires: ['app-core', 'database', 'validation'],
  services: ['db'],
  dependencies: ['kysely', 'typebox'],
  env: {
    DEV_IDENTITY: {
      type: 'boolean',
      default: false,
      describe: 'Believe `Authorization: Dev <user> <role> ...` from this machine; refused in production',
    },
    INTERNAL_URL: {
      type: 'optional-url',
      protocols: ['http:'],
      describe: 'Where the listener for internal routes listens, for example http://127.0.0.1:3001; without it they answer 404',
    },
    INTERNAL_TOKEN: {
      type: 'optional-string',
      describe: 'What a service shows on the internal listener: `Authorization: Bearer <token>`, 32 characters or more',
    },
  },
  lint: { 'access-control/no-select-all': 'error' },
  items: {
    Q411: {
      title: 'Object ownership (IDOR)',
      threat: "Changing an id in the request reads or alters someone else's record.",
      asvs: ['V8.1.1', 'V8.2.2', 'V8.3.1'],
      cwe: ['CWE-639', 'CWE-862'],
    },
    Q455: {
      title: 'Response field control',
      threat: "Handlers return whole rows and leak hashes, flags or other people's fields.",
      asvs: ['V8.1.2', 'V8.2.3', 'V14.2.6', 'V15.3.1'],
      cwe: ['CWE-213', 'CWE-200'],
    },
    Q463: {
      title: 'Endpoint exposure',
      threat: 'A route without a declared audience is reachable by everybody.',
      asvs: ['V8.1.1', 'V8.2.1', 'V8.3.1', 'V13.4.5'],
      cwe: ['CWE-862', 'CWE-306', 'CWE-425'],
    },
  },
  notCovered: [
    'Who the caller is: that takes a protection with an identity, such as sessions or api-keys. Without one only public routes answer.',
    'Tables of your own that are read without a repository: the database does not know owners unless you choose tenancy.',
    'Fields inside of text: a page or a file that a handler builds is sent as it is.',
  ],
});
