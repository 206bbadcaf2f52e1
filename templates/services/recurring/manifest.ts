import { defineService } from '../../../src/manifest.ts';

export default defineService({
  id: 'recurring',
  title: 'Recurring work',
  summary: 'Does something every so often, in one of the processes that share a database; used to delete what is old.',
  services: ['db'],
  dependencies: ['kysely'],
});
