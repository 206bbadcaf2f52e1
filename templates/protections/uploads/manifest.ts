import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'uploads',
  kind: 'option',
  group: 'Data',
  title: 'File uploads',
  summary: 'Streams files into a quarantine, lets out what is what it says it is, scans it, makes images anew, and keeps quotas and owners.',
  phase: 'routes',
  requires: ['access-control', 'app-core', 'database', 'file-permissions', 'request-hygiene', 'validation'],
  services: ['db', 'recurring', 'security-events', 'storage'],
  dependencies: ['@fastify/busboy', 'file-type', 'kysely', 'sharp', 'typebox', 'yauzl'],
  devDependencies: ['@types/yauzl'],
  env: {
    UPLOAD_MAX_BYTES: { type: 'integer', default: 10_485_760, min: 1_024, max: 5_368_709_120, describe: 'The largest file that is taken, in bytes; keep it below the limits of the scanner' },
    UPLOAD_TIMEOUT_MS: {
      type: 'integer',
      default: 12_000,
      min: 100,
      max: 600_000,
      describe: 'How long an upload may take to arrive, in ms; no longer than REQUEST_TIMEOUT_MS, which has to grow with it for slow lines',
    },
    UPLOAD_TYPES: {
      type: 'list',
      default: ['image/jpeg', 'image/png', 'image/webp', 'application/pdf'],
      describe: 'Types of files that are taken; src/protections/uploads/README.md lists those that can be',
    },
    UPLOAD_MAX_PIXELS: { type: 'integer', default: 24_000_000, min: 10_000, max: 268_000_000, describe: 'The largest image, in pixels' },
    UPLOAD_QUOTA_FILES: { type: 'integer', default: 1_000, min: 1, max: 1_000_000, describe: 'Files that one user may have' },
    UPLOAD_QUOTA_BYTES: { type: 'integer', default: 1_073_741_824, min: 1_024, max: 1_099_511_627_776, describe: 'Bytes that the files of one user may have together' },
    CLAMD_URL: {
      type: 'optional-url',
      protocols: ['tcp:', 'unix:'],
      describe: 'The malware scanner clamd, tcp://127.0.0.1:3310 or unix:///run/clamav/clamd.ctl; without it nothing is scanned',
    },
    CLAMD_TIMEOUT_MS: { type: 'integer', default: 10_000, min: 50, max: 120_000, describe: 'How long the scanner may say nothing, in ms; then the file is refused' },
  },
  items: {
    Q414: {
      title: 'Malware scanning',
      threat: 'Infected files are stored and served to others, or a dead scanner means no scan.',
      asvs: ['V5.4.3', 'V16.5.3'],
      cwe: ['CWE-434', 'CWE-636'],
    },
    Q459: {
      title: 'Upload path safety',
      threat: 'A crafted name or link writes outside the upload area or over another file.',
      asvs: ['V5.2.4', 'V5.3.1', 'V5.3.2'],
      cwe: ['CWE-22', 'CWE-59', 'CWE-73'],
    },
    Q478: {
      title: 'Content validation',
      threat: 'Disguised, oversized or booby-trapped files reach parsers and browsers.',
      asvs: ['V1.3.4', 'V5.1.1', 'V5.2.1', 'V5.2.2', 'V5.2.3', 'V5.2.5', 'V5.2.6', 'V14.2.8'],
      cwe: ['CWE-434', 'CWE-409', 'CWE-436'],
    },
    B3: {
      title: 'Path traversal everywhere files are named',
      threat: 'Names from clients reach the file system on the read side, in static serving or in archives.',
      asvs: ['V5.3.2', 'V5.3.3', 'V13.4.1', 'V13.4.3', 'V13.4.7'],
      cwe: ['CWE-22', 'CWE-548'],
    },
    G1: {
      title: 'Upload endpoint',
      threat: 'The most copied snippet saves under the name that the client sent, inside the web root.',
      asvs: ['V5.3.1', 'V5.3.2', 'V5.4.1'],
      cwe: ['CWE-434', 'CWE-73'],
    },
  },
  notCovered: [
    'What a scanner does not know: a new kind of malware passes. Without CLAMD_URL nothing is scanned at all.',
    'Exploits of one PDF reader or office program: scripts, attachments and launch actions are refused, broken fonts are not looked for.',
    'Macros in office documents: the scanner has to know them.',
    'A flaw in the image decoder is kept in a process without data, but one in the kernel below it is not; where the system gives it no network namespace, Node 24 leaves the decoder its network.',
    'Many users who each fill their quota: watch the disk.',
  ],
});
