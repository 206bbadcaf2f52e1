import type { Binding } from '#src/http/binding.ts';
import { installWebhooksOut } from './core.ts';

/** Tells the endpoints of users what happened. */
export const webhooksOut = (): Binding => ({
  id: 'webhooks-out',
  requires: ['access-control', 'jobs', 'validation'],
  install: (_app, context) => installWebhooksOut(context),
});
