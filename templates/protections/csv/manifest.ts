import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'csv',
  kind: 'option',
  group: 'Data',
  title: 'CSV export',
  summary: 'Exports named columns of own rows as CSV, streamed and bounded, with no cell that opens as a formula.',
  phase: 'routes',
  requires: ['access-control', 'app-core'],
  services: ['db'],
  dependencies: ['kysely', 'typebox'],
  items: {
    Q472: {
      title: 'Formula injection',
      threat: "A cell opens as a formula in the recipient's spreadsheet.",
      asvs: ['V1.2.10', 'V5.4.2', 'V8.2.1', 'V15.3.1'],
      cwe: ['CWE-1236'],
    },
  },
  notCovered: [
    'Programs that split at other characters than the comma: they see other cells, and those may begin with a sign.',
    'What people do with a cell that they were told is text, and programs that take the apostrophe off again when they save.',
    'CSV that is read: an import needs a reader and a schema of its own.',
    'Telephone numbers and handles that begin with + or @ get an apostrophe like everything that does.',
  ],
});
