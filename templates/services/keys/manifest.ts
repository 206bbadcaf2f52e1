import { defineService } from '../../../src/manifest.ts';

export default defineService({
  id: 'keys',
  title: 'Keys',
  summary: 'A key ring in the database, shared by all processes and wrapped by a master key that stands elsewhere (MASTER_KEY_FILE).',
  services: ['db'],
  dependencies: ['kysely'],
  env: {
    MASTER_KEY_FILE: {
      type: 'string',
      default: 'data/master.key',
      describe: 'The file with the master key: 32 random bytes, mode 0600; outside of production it is made when it is absent',
    },
    MASTER_KEY_PASSPHRASE: {
      type: 'optional-string',
      describe: 'Makes the master key from a passphrase of 20 characters or more; MASTER_KEY_FILE then holds salt and cost, not the key',
    },
    KEY_MAX_AGE_DAYS: {
      type: 'integer',
      default: 365,
      min: 1,
      max: 3650,
      describe: 'How old a key may get before npm run doctor asks for a new one, in days',
    },
  },
});
