import type { Binding } from '#src/http/binding.ts';
import { installSessions } from './core.ts';

export const sessions = (): Binding => ({
  id: 'sessions',
  requires: ['app-core', 'request-hygiene', 'host-check'],
  install: (_app, context) => installSessions(context),
});
