import { actorOf } from '#src/protections/access-control/actor.ts';
import { foundOr404 } from '#src/protections/access-control/missing.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { created, noContent, ok } from '#src/protections/app-core/reply.ts';
import { type HandlerArguments, type InputSchemas, defineModule, route } from '#src/protections/app-core/route.ts';
import { readCursor, writeCursor } from '#src/protections/database/cursor.ts';
import { inTransaction } from '#src/services/db/transaction.ts';
import { documentsOf } from './repository.ts';
import * as schema from './schemas.ts';

/** The documents of whoever sent the request. */
const repository = ({ app, context }: Pick<HandlerArguments<InputSchemas>, 'app' | 'context'>) =>
  documentsOf(actorOf(context), app.services.db.query);

const now = ({ app }: Pick<HandlerArguments<InputSchemas>, 'app'>): Date => new Date(app.clock.now());

/** Two ids in one request: whoever checks one and uses the other lets foreign rows in (CWE-639). */
const assertSameId = (inPath: string, inBody: string | undefined): void => {
  if (inBody === undefined || inBody === inPath) return;
  // protect: Q411
  throw new Problem(422, {
    detail: 'The id in the body is not the id in the path.',
    extensions: { path: '/body/id', rule: 'same-as-path' },
  });
};

/** The sample resource: owned by whoever creates it. Copy it for your own. */
export const documents = defineModule({
  id: 'documents',
  prefix: '/api/v1/documents',
  routes: [
    route(
      {
        method: 'GET',
        path: '/',
        access: 'user',
        input: { query: schema.ListQuery },
        output: schema.DocumentPage,
        outputFor: { admin: schema.ModeratedPage },
        summary: 'List own documents',
      },
      async (given) => {
        const { sort = 'createdAt', dir = 'desc', limit = 20, cursor } = given.input.query;
        const after = cursor === undefined ? undefined : readCursor(cursor);
        const rows = await repository(given).list({ sort, direction: dir, limit: limit + 1, after });
        const items = rows.slice(0, limit);
        const last = items.at(-1);
        return ok(rows.length > limit && last !== undefined ? { items, next: writeCursor({ value: last[sort], id: last.id }) } : { items });
      },
    ),
    route(
      {
        method: 'POST',
        path: '/',
        access: 'user',
        input: { body: schema.NewDocument },
        output: schema.Document,
        outputFor: { admin: schema.ModeratedDocument },
        summary: 'Create a document',
      },
      async (given) => {
        const document = await repository(given).create(given.input.body, now(given));
        return created(`/api/v1/documents/${document.id}`, document);
      },
    ),
    route(
      {
        method: 'GET',
        path: '/search',
        access: 'user',
        input: { query: schema.SearchQuery },
        output: schema.DocumentPage,
        outputFor: { admin: schema.ModeratedPage },
        summary: 'Search own documents',
      },
      async (given) => ok({ items: await repository(given).search(given.input.query.q) }),
    ),
    route(
      {
        method: 'GET',
        path: '/export',
        access: 'user',
        input: {},
        output: schema.DocumentPage,
        outputFor: { admin: schema.ModeratedPage },
        summary: 'Export own documents',
      },
      async (given) => ok({ items: await repository(given).all() }, { 'content-disposition': 'attachment; filename="documents.json"' }),
    ),
    route(
      {
        method: 'POST',
        path: '/bulk',
        access: 'user',
        input: { body: schema.Bulk },
        output: schema.Deleted,
        summary: 'Delete several documents, all or none',
      },
      async ({ input, app, context }) => {
        const { ids } = input.body;
        const deleted = await inTransaction(app, async (tx) => {
          const count = await documentsOf(actorOf(context), tx).remove(ids);
          if (count !== ids.length) throw new Problem(404); // protect: Q411
          return count;
        });
        return ok({ deleted });
      },
    ),
    route(
      {
        method: 'GET',
        path: '/:id',
        access: 'user',
        input: { params: schema.Id },
        output: schema.Document,
        outputFor: { admin: schema.ModeratedDocument },
        summary: 'Read a document',
      },
      async (given) => ok(foundOr404(await repository(given).find(given.input.params.id))),
    ),
    route(
      {
        method: 'PUT',
        path: '/:id',
        access: 'user',
        input: { params: schema.Id, body: schema.WholeDocument },
        output: schema.Document,
        outputFor: { admin: schema.ModeratedDocument },
        summary: 'Replace a document',
      },
      async (given) => {
        const { params, body } = given.input;
        assertSameId(params.id, body.id);
        return ok(foundOr404(await repository(given).change(params.id, { title: body.title, body: body.body }, now(given))));
      },
    ),
    route(
      {
        method: 'PATCH',
        path: '/:id',
        access: 'user',
        input: { params: schema.Id, body: schema.DocumentChange },
        output: schema.Document,
        outputFor: { admin: schema.ModeratedDocument },
        summary: 'Change a document',
      },
      async (given) => {
        const { params, body } = given.input;
        assertSameId(params.id, body.id);
        return ok(foundOr404(await repository(given).change(params.id, body, now(given))));
      },
    ),
    route(
      {
        method: 'DELETE',
        path: '/:id',
        access: 'user',
        input: { params: schema.Id },
        output: schema.Nothing,
        summary: 'Delete a document',
      },
      async (given) => {
        if ((await repository(given).remove([given.input.params.id])) === 0) throw new Problem(404);
        return noContent();
      },
    ),
    route(
      {
        method: 'GET',
        path: '/:id/comments',
        access: 'user',
        input: { params: schema.Id },
        output: schema.Comments,
        summary: 'Read the comments of a document',
      },
      async (given) => ok({ items: foundOr404(await repository(given).comments(given.input.params.id)) }),
    ),
    route(
      {
        method: 'POST',
        path: '/:id/comments',
        access: 'user',
        input: { params: schema.Id, body: schema.NewComment },
        output: schema.Comment,
        summary: 'Comment a document',
      },
      async (given) => {
        const { params, body } = given.input;
        const comment = foundOr404(await repository(given).comment(params.id, body.text, now(given)));
        return created(`/api/v1/documents/${params.id}/comments`, comment);
      },
    ),
  ],
});
