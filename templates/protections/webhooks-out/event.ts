import type { Static, TSchema } from 'typebox';
import type { AppContext } from '#src/context.ts';
import { compileProjection } from '#src/protections/access-control/projection.ts';
import { perApp } from '#src/protections/app-core/per-app.ts';
import { closed } from '#src/protections/validation/core.ts';

declare module '#src/protections/app-core/route.ts' {
  interface RouteModule {
    /** Events of the module that users' endpoints may hear of. */
    readonly tells?: readonly AnyWebhookEvent[];
  }
}

/** An event as the registry sees it. */
export interface AnyWebhookEvent {
  readonly type: string;
}

/** Something that users' endpoints may hear of. */
export interface WebhookEvent<S extends TSchema> extends AnyWebhookEvent {
  /** What of the data leaves. */
  readonly select: (data: Static<S>) => unknown;
}

/**
 * Declares an event, for example `document.created`; list it in its module: `defineModule({ ..., tells: [event] })`.
 * @param data the closed schema of what is told; what it does not declare stays here (ASVS V15.3.1).
 * @throws Error for a schema that does not say what leaves.
 */
export const defineWebhookEvent = <S extends TSchema>(type: string, data: S): WebhookEvent<S> => {
  if (!/^[a-z][a-z\d_-]*(?:\.[a-z][a-z\d_-]*)+$/.test(type)) throw new Error(`The event ${type} is not called like document.created.`);
  return { type, select: compileProjection(data, `the webhook ${type}`) };
};

/** Sent when an owner tries an endpoint. */
export const testEvent = defineWebhookEvent('webhook.test', closed({}));

/** The types of events of an app. */
export const eventTypesOf = perApp((_app: AppContext) => new Set([testEvent.type]));
