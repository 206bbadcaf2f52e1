import type { Binding } from '#src/http/binding.ts';
import { installAccessControl } from './core.ts';

export const accessControl = (): Binding => ({
  id: 'access-control',
  requires: ['app-core', 'validation'],
  install: ({ server }, context) => installAccessControl(context, server),
});
