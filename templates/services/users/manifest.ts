import { defineService } from '../../../src/manifest.ts';

export default defineService({
  id: 'users',
  title: 'Users',
  summary: 'Who has an account: an address, roles, whether it is disabled. What proves that somebody is that user is kept elsewhere.',
  services: ['db'],
  dependencies: ['kysely'],
});
