import Type from 'typebox';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { foundOr404 } from '#src/protections/access-control/missing.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { created, noContent, ok } from '#src/protections/app-core/reply.ts';
import { type HandlerArguments, type InputSchemas, defineModule, route } from '#src/protections/app-core/route.ts';
import { isUserId } from '#src/protections/jobs/actor.ts';
import type { Queries } from '#src/services/db/database.ts';
import { type SecurityEventMap, recordSecurityEvent } from '#src/services/security-events/record.ts';
import { type Endpoint, endpointsOf } from './endpoints.ts';
import { testEvent } from './event.ts';
import * as schema from './schemas.ts';
import { overlapMs } from './secrets.ts';
import { leaveMessage } from './tell.ts';

declare module '#src/services/security-events/record.ts' {
  interface SecurityEventMap {
    'webhook-endpoint.created': { readonly endpoint: string };
    'webhook-endpoint.secret-renewed': { readonly endpoint: string };
    'webhook-endpoint.deleted': { readonly endpoint: string };
  }
}

type Given = Pick<HandlerArguments<InputSchemas>, 'app' | 'context'>;

const endpoints = ({ app, context }: Given, db: Queries = app.services.db.query) => endpointsOf(actorOf(context), db, app);

type EndpointEvent = Extract<keyof SecurityEventMap, 'webhook-endpoint.created' | 'webhook-endpoint.secret-renewed' | 'webhook-endpoint.deleted'>;

const record = (tx: Queries, { app, context }: Given, type: EndpointEvent, endpoint: string): Promise<void> => {
  const { id } = actorOf(context);
  return recordSecurityEvent(tx, app, { type, userId: isUserId(id) ? id : null, details: { endpoint }, context });
};

const view = ({ id, url, events, created_at: createdAt, failing_since: failing, disabled_at: disabled }: Endpoint) => ({
  id,
  url,
  events,
  createdAt: createdAt.toISOString(),
  ...(failing === null ? {} : { failingSince: failing.toISOString() }),
  ...(disabled === null ? {} : { disabledAt: disabled.toISOString() }),
});

/** For what is shown once: no cache may keep it, whatever the app says of its other answers. */
const once = { 'cache-control': 'no-store' };

const prefix = '/api/v1/webhook-endpoints';

/** What users tell of their endpoints. */
export const module = defineModule({
  id: 'webhook-endpoints',
  prefix,
  routes: [
    route({ method: 'GET', path: '/', access: 'user', input: {}, output: schema.EndpointList, summary: 'List own webhook endpoints' }, async (given) =>
      ok({ items: (await endpoints(given).list()).map(view) }),
    ),
    route(
      { method: 'POST', path: '/', access: 'user', limits: ['write'], input: { body: schema.NewEndpoint }, output: schema.CreatedEndpoint, summary: 'Add a webhook endpoint; its secret is shown once' },
      async (given) =>
        given.app.services.db.transaction(async (tx) => {
          const { endpoint, secret } = await endpoints(given, tx).create(given.input.body);
          await record(tx, given, 'webhook-endpoint.created', endpoint.id); // protect: W1
          const reply = created(`${prefix}/${endpoint.id}`, { ...view(endpoint), secret });
          return { ...reply, headers: { ...reply.headers, ...once } };
        }),
    ),
    route({ method: 'GET', path: '/:id', access: 'user', input: { params: schema.Id }, output: schema.Endpoint, summary: 'Read a webhook endpoint' }, async (given) =>
      ok(view(foundOr404(await endpoints(given).find(given.input.params.id)))),
    ),
    route(
      { method: 'POST', path: '/:id/secret', access: 'user', limits: ['write'], input: { params: schema.Id }, output: schema.NewSecret, summary: 'Renew the secret of a webhook endpoint; it is shown once' },
      async (given) =>
        given.app.services.db.transaction(async (tx) => {
          const { id } = given.input.params;
          const secret = foundOr404(await endpoints(given, tx).rotate(id));
          await record(tx, given, 'webhook-endpoint.secret-renewed', id); // protect: W1
          return ok({ secret, previousUntil: new Date(given.app.clock.now() + overlapMs).toISOString() }, once);
        }),
    ),
    route(
      { method: 'POST', path: '/:id/enable', access: 'user', limits: ['write'], input: { params: schema.Id }, output: schema.Endpoint, summary: 'Send to a disabled webhook endpoint again' },
      async (given) => ok(view(foundOr404(await endpoints(given).enable(given.input.params.id)))),
    ),
    route(
      { method: 'POST', path: '/:id/test', access: 'user', limits: ['write'], input: { params: schema.Id }, output: schema.TestSent, summary: 'Send a test message to a webhook endpoint' },
      async (given) =>
        given.app.services.db.transaction(async (tx) => {
          const { id, disabled_at: disabled } = foundOr404(await endpoints(given, tx).find(given.input.params.id));
          if (disabled !== null) throw new Problem(409, { detail: 'The endpoint is disabled.' });
          return { status: 202, headers: {}, json: { delivery: await leaveMessage(tx, given.app, id, testEvent, {}) } };
        }),
    ),
    route({ method: 'DELETE', path: '/:id', access: 'user', input: { params: schema.Id }, output: Type.Null(), summary: 'Delete a webhook endpoint' }, async (given) =>
      given.app.services.db.transaction(async (tx) => {
        const { id } = given.input.params;
        if (!(await endpoints(given, tx).remove(id))) throw new Problem(404);
        await record(tx, given, 'webhook-endpoint.deleted', id); // protect: W1
        return noContent();
      }),
    ),
    route(
      { method: 'GET', path: '/:id/deliveries', access: 'user', input: { params: schema.Id }, output: schema.DeliveryList, summary: 'Read what became of the latest messages to a webhook endpoint' },
      async (given) => {
        const { id } = foundOr404(await endpoints(given).find(given.input.params.id));
        const items = await endpoints(given).deliveries(id);
        return ok({
          items: items.map(({ id: delivery, type, status, attempts, last_status: lastStatus, last_failure: lastFailure, created_at: at, finished_at: finished }) => ({
            id: delivery,
            type,
            status,
            attempts,
            ...(lastStatus === null ? {} : { lastStatus }),
            ...(lastFailure === null ? {} : { lastFailure }),
            createdAt: at.toISOString(),
            ...(finished === null ? {} : { finishedAt: finished.toISOString() }),
          })),
        });
      },
    ),
  ],
});
