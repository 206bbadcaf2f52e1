import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'database',
  kind: 'core',
  group: 'Data',
  title: 'Data access',
  summary: 'Keeps input out of the structure of queries, and the app out of the schema.',
  phase: 'access',
  requires: ['app-core', 'validation'],
  services: ['db'],
  dependencies: ['kysely', 'typebox'],
  env: {
    ALLOW_EMBEDDED_DATABASE: {
      type: 'boolean',
      default: false,
      describe: 'Production may run on the embedded database: one process, and a power cut may lose writes',
    },
  },
  lint: { 'database/no-raw-sql': 'error', 'database/no-literal-sql': 'error', 'database/no-dynamic-function': 'error' },
  items: {
    Q401: {
      title: 'Parameterised SQL',
      threat: 'Input changes the structure of a query, and with it what the query reads or destroys.',
      asvs: ['V1.2.4', 'V13.2.2'],
      cwe: ['CWE-89'],
    },
  },
  notCovered: [
    'What the app role may do with rows: a query that forgets its owner reads everybody. See access-control.',
    'On the embedded database the app role is a courtesy: whoever can run SQL can leave it, and a slow query cannot be interrupted.',
    'Encryption between app and server: add sslmode=verify-full to DATABASE_URL where the network is not yours.',
  ],
});
