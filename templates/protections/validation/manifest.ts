import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'validation',
  kind: 'core',
  group: 'HTTP',
  title: 'Input schemas',
  summary: 'Refuses input that the schema of the route does not name.',
  phase: 'parsing',
  foundation: true,
  requires: ['app-core'],
  dependencies: ['typebox'],
  items: {},
  notCovered: ['Rules that only your domain knows: write them as cross-field rules.'],
});
