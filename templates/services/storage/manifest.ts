import { defineService } from '../../../src/manifest.ts';

export default defineService({
  id: 'storage',
  title: 'Stored files',
  summary: 'Keeps files under keys that nobody chooses: in a folder, or in a bucket where STORAGE_URL names one.',
  dependencies: ['aws4fetch', 'undici'],
  env: {
    STORAGE_DIR: { type: 'string', default: 'data/files', describe: 'The folder for files that are being checked, and for stored files while there is no STORAGE_URL' },
    STORAGE_URL: {
      type: 'optional-url',
      protocols: ['s3:', 's3+http:'],
      describe: 'A bucket that speaks the protocol of S3: s3://key:secret@host/bucket?region=eu-central-1 (https; s3+http: without TLS, on a network of yours)',
    },
    STORAGE_TIMEOUT_MS: { type: 'integer', default: 15_000, min: 100, max: 600_000, describe: 'How long the bucket may say nothing, in ms' },
  },
});
