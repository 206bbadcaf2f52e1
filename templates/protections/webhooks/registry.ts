import type { AppContext } from '#src/context.ts';
import { inForce } from '#src/protections/app-core/in-force.ts';
import { perApp } from '#src/protections/app-core/per-app.ts';
import type { Scheme } from './scheme.ts';
import { type WebhookSecret, secretsOf } from './secrets.ts';

declare module '#src/protections/app-core/route.ts' {
  interface RouteModule {
    /** What the module takes in as a webhook; `defineWebhook` says it. */
    readonly webhook?: { readonly id: string; readonly scheme: Scheme };
  }
}

/** A webhook of an app, with its secrets. */
export interface OpenWebhook {
  readonly id: string;
  readonly secrets: readonly WebhookSecret[];
}

/** The webhooks of an app. */
export const webhooksOf = perApp((_app: AppContext): OpenWebhook[] => []);

/**
 * Reads the secrets of a webhook, before its first message.
 * @throws Error for an id that is taken, or a secret that its scheme cannot use.
 */
export const openWebhook = (app: AppContext, { id, scheme }: { readonly id: string; readonly scheme: Scheme }): void => {
  const open = webhooksOf(app);
  if (open.some((other) => other.id === id)) throw new Error(`The webhook \`${id}\` is declared twice.`);
  const secrets = secretsOf(app, id, scheme);
  if (secrets.length === 0) inForce(app).push(`The webhook ${id} refuses every message: WEBHOOK_SECRETS has no secret of it.`);
  open.push({ id, secrets });
};
