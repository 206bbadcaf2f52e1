import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'encryption',
  kind: 'core',
  group: 'Data',
  title: 'Cryptography and keys',
  summary: 'Seals values for one row and column with keys that rotate; keeps the master key out of reach of others and of the database.',
  phase: 'transport',
  requires: ['app-core', 'database'],
  services: ['db', 'keys', 'security-events'],
  dependencies: ['kysely'],
  env: {
    LEGACY_FORMATS: {
      type: 'list',
      default: [],
      describe: 'What another system encrypted and is still opened, each with its last day: fernet:2027-03-31',
    },
  },
  scripts: { keys: 'node --disable-proto=delete --env-file-if-exists=.env src/manage-keys.ts' },
  lint: { 'encryption/no-own-cipher': 'error', 'encryption/no-math-random': 'error' },
  items: {
    Q445: {
      title: 'Field encryption',
      threat: 'Database readers see secrets, or writers move and alter ciphertexts unnoticed.',
      asvs: ['V11.2.1', 'V11.2.5', 'V11.3.2', 'V11.3.3', 'V11.3.4', 'V11.5.1'],
      cwe: ['CWE-327', 'CWE-323'],
    },
    Q461: {
      title: 'Where keys come from',
      threat: 'Weak, readable or example keys make encryption decorative.',
      asvs: ['V11.2.3', 'V11.4.4', 'V13.3.1', 'V13.3.2'],
      cwe: ['CWE-916', 'CWE-732', 'CWE-321'],
    },
    Q469: {
      title: 'Legacy algorithms',
      threat: 'Old formats become a downgrade path or a padding oracle.',
      asvs: ['V11.2.2', 'V11.3.1', 'V11.3.5'],
      cwe: ['CWE-327', 'CWE-757', 'CWE-354'],
    },
    Q481: {
      title: 'Key lifecycle',
      threat: 'Rotation loses data, or keys never rotate.',
      asvs: ['V11.1.1', 'V11.1.2', 'V11.2.2', 'V11.2.3', 'V11.6.1', 'V13.1.4', 'V13.3.1', 'V13.3.4'],
      cwe: ['CWE-324', 'CWE-326', 'CWE-522'],
    },
  },
  notCovered: [
    'Whoever runs code in the process, or reads its memory: it holds the keys.',
    'A writer of the database who puts back an older value of the same row and column: it opens.',
    'Lengths: a sealed value is as long as what it holds, and its row and column can be seen.',
    'A new deriving key: sessions, tokens and digests stand on it, so it stays until you replace it by hand.',
    'A lost master key: nothing can be opened without it. Keep a copy, apart from the copies of the database.',
  ],
});
