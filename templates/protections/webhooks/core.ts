import type { AppContext } from '#src/context.ts';
import { recurringOf } from '#src/services/recurring/recurring.ts';
import { forgetOldEvents } from './memory.ts';
import { openWebhook } from './registry.ts';

/** Gives every webhook its secrets, and forgets what nobody sends again. */
export const installWebhooks = (app: AppContext): void => {
  app.routing.eachModule(({ webhook }) => {
    if (webhook !== undefined) openWebhook(app, webhook);
  });
  recurringOf(app).every({ name: 'webhooks.forget-old-events', everyMs: 3_600_000, run: forgetOldEvents });
};
