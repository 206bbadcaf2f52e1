import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'validation',
  kind: 'core',
  group: 'HTTP',
  title: 'Input schemas',
  summary: 'Refuses input that the schema of the route does not name, before a handler sees it.',
  phase: 'parsing',
  foundation: true,
  requires: ['app-core'],
  dependencies: ['typebox'],
  lint: {
    'no-eval': 'error',
    'no-new-func': 'error',
    'validation/no-input-spread': 'error',
    'validation/no-code-from-data': 'error',
    'validation/no-unescaped-pattern': 'error',
  },
  items: {
    Q413: {
      title: 'Mass assignment',
      threat: 'Extra body fields set columns the action never meant to expose, such as role, tenant or verified.',
      asvs: ['V8.2.3', 'V15.3.3'],
      cwe: ['CWE-915'],
    },
    Q419: {
      title: 'Unsafe deserialisation and prototype pollution',
      threat: 'Decoding attacker data runs code or rewrites object prototypes.',
      asvs: ['V1.3.2', 'V1.5.2', 'V15.3.6'],
      cwe: ['CWE-502', 'CWE-1321'],
    },
    Q453: {
      title: 'Strict parsing of submitted JSON',
      threat: 'Loosely parsed input means the validator and the code see different data.',
      asvs: ['V1.4.2', 'V1.5.2', 'V1.5.3', 'V2.2.1', 'V2.2.2', 'V15.3.5'],
      cwe: ['CWE-20', 'CWE-1287', 'CWE-436'],
    },
    Q468: {
      title: 'Field formats and cross-field rules',
      threat: 'Values that match a shape but not reality break rules, and bad patterns burn CPU.',
      asvs: ['V1.2.9', 'V1.3.12', 'V2.1.1', 'V2.1.2', 'V2.2.1', 'V2.2.3'],
      cwe: ['CWE-20', 'CWE-1333'],
    },
    G9: {
      title: 'Query parameters',
      threat: 'Repeated, nested or oversized parameters confuse types, and secrets in URLs leak to logs.',
      asvs: ['V1.1.1', 'V2.2.1', 'V14.2.1', 'V15.3.5', 'V15.3.7'],
      cwe: ['CWE-235', 'CWE-20', 'CWE-598'],
    },
  },
  notCovered: [
    'Rules that only your domain knows: write them as named rules with `ruled`.',
    'Whether an address, a person or an account behind a well-formed value exists: that takes a mail, a lookup or a document.',
    'Bodies that are neither JSON nor plain HTML forms: a route that takes files brings its own reader and its own limits.',
  ],
});
