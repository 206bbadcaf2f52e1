import type { Binding } from '#src/http/binding.ts';
import { installWebhooks } from './core.ts';

/** Takes in messages of other systems. */
export const webhooks = (): Binding => ({
  id: 'webhooks',
  requires: ['jobs', 'validation'],
  install: (_app, context) => installWebhooks(context),
});
