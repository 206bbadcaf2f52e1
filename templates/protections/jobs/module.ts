import Type from 'typebox';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { foundOr404 } from '#src/protections/access-control/missing.ts';
import type { Actor } from '#src/protections/app-core/context.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { oneOf } from '#src/protections/database/list-query.ts';
import { closed } from '#src/protections/validation/core.ts';
import { dateTime, uuid } from '#src/protections/validation/formats.ts';
import type { Queries } from '#src/services/db/database.ts';

const View = closed({
  id: uuid(),
  type: Type.String(),
  status: oneOf(['waiting', 'running', 'done', 'denied', 'dead']),
  createdAt: dateTime(),
  finishedAt: Type.Optional(dateTime()),
  result: Type.Optional(Type.String()),
});

/** A job that `actor` left; what others left, and what the app left for itself, does not exist here. */
const findJob = (actor: Actor, db: Queries, id: string) =>
  db
    .selectFrom('jobs')
    .select(['id', 'type', 'status', 'created_at', 'finished_at', 'result'])
    .where('id', '=', id)
    .where('actor_id', '=', actor.id) // protect: Q467
    .where('tenant', 'is not distinct from', actor.tenant ?? null) // protect: Q467
    .executeTakeFirst();

/** What became of the work that a request left for later: `202 Accepted` points here. */
export const module = defineModule({
  id: 'jobs',
  prefix: '/api/v1/jobs',
  routes: [
    route(
      { method: 'GET', path: '/:id', access: 'user', input: { params: closed({ id: uuid() }) }, output: View, summary: 'Read what became of own work' },
      async ({ input, context, app }) => {
        const { id, type, status, created_at, finished_at, result } = foundOr404(
          await findJob(actorOf(context), app.services.db.query, input.params.id),
        );
        return ok({
          id,
          type,
          status,
          createdAt: created_at.toISOString(),
          ...(finished_at === null ? {} : { finishedAt: finished_at.toISOString() }),
          ...(result === null ? {} : { result }),
        });
      },
    ),
  ],
});
