import Type from 'typebox';
import { type RouteModule, defineModule, route } from '#src/protections/app-core/route.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { EventKind } from './event.ts';
import { type Webhook, receive } from './receive.ts';
import type { Scheme } from './scheme.ts';

export interface WebhookSpec {
  /** kebab-case: its path is `/webhooks/<id>`, and its secrets are those of `<id>` in WEBHOOK_SECRETS. */
  readonly id: string;
  /** How its one sender signs. Nothing in a message can choose another. */
  readonly scheme: Scheme;
  /** The kinds of events that are taken in, by what the sender calls them; others are answered and forgotten. */
  readonly events: Readonly<Record<string, EventKind>>;
}

/**
 * Declares a webhook: a route for one sender. List it like any other module.
 * @throws Error for an id that cannot stand in a path and in WEBHOOK_SECRETS.
 */
export const defineWebhook = ({ id, scheme, events }: WebhookSpec): RouteModule => {
  if (!/^[a-z][a-z\d-]{0,49}$/.test(id)) throw new Error('The id of a webhook is kebab-case.');
  const kinds = new Map(Object.entries(events).map(([type, kind]) => [type, kind.bind(`webhook.${id}.${type}`)]));
  const webhook: Webhook = { id, scheme, kinds };
  return defineModule({
    id: `webhook-${id}`,
    prefix: `/webhooks/${id}`,
    webhook,
    // As it came: what a parser makes of it is not what was signed.
    reads: [{ types: scheme.types, limit: ({ WEBHOOK_LIMIT_BYTES }) => WEBHOOK_LIMIT_BYTES, read: (body) => body }],
    jobs: [...kinds.values()].map(({ job }) => job),
    routes: [
      route(
        {
          method: 'POST',
          path: '/',
          access: 'public',
          credential: 'none',
          input: { body: Type.Unknown() },
          output: scheme.answerTo === undefined ? Type.Null() : Type.String(),
          summary: `Messages of ${id}`,
        },
        ({ input: { body }, app, request }) => {
          if (!Buffer.isBuffer(body)) throw new Problem(415);
          return receive(webhook, app, request, body);
        },
      ),
    ],
  });
};
