import Type from 'typebox';
import { closed } from '#src/protections/validation/core.ts';
import { text } from '#src/protections/validation/formats.ts';
import { onEvent } from '#src/protections/webhooks/event.ts';
import { stripe } from '#src/protections/webhooks/schemes/stripe.ts';
import { defineWebhook } from '#src/protections/webhooks/webhook.ts';

const Payment = closed({ data: closed({ object: closed({ id: text(255, 1), amount: Type.Integer({ minimum: 0 }), currency: text(3, 3) }) }) });

/** The sample webhook: `POST /webhooks/stripe`. It refuses everything until WEBHOOK_SECRETS has a secret of `stripe`. Copy it for your own. */
export const stripeWebhook = defineWebhook({
  id: 'stripe',
  scheme: stripe(),
  events: {
    'payment_intent.succeeded': onEvent({
      data: Payment,
      run: async ({ id, data, app }) => {
        const { id: payment, amount, currency } = data.data.object;
        app.log.info({ event: id, payment, amount, currency }, 'a payment succeeded');
      },
    }),
  },
});
