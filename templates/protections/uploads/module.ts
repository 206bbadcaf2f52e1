import Type, { type Static } from 'typebox';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { foundOr404 } from '#src/protections/access-control/missing.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { created, noContent, ok } from '#src/protections/app-core/reply.ts';
import { type HandlerArguments, type InputSchemas, defineModule, route } from '#src/protections/app-core/route.ts';
import { closed } from '#src/protections/validation/core.ts';
import { dateTime, uuid } from '#src/protections/validation/formats.ts';
import { inTransaction } from '#src/services/db/transaction.ts';
import { filesOf } from './files.ts';
import { storedKeyOf } from './stored-key.ts';
import { takeFile } from './upload.ts';

const Id = closed({ id: uuid() });

const File = closed({ id: uuid(), name: Type.String(), type: Type.String(), size: Type.Integer(), createdAt: dateTime() });
export type File = Static<typeof File>;

/** The files of whoever sent the request. */
const repository = ({ app, context }: Pick<HandlerArguments<InputSchemas>, 'app' | 'context'>) => filesOf(actorOf(context), app.services.db.query);

/** Files of users. What is in them leaves through `downloads`. */
export const module = defineModule({
  id: 'uploads',
  prefix: '/api/v1/files',
  // Left unread: the handler streams it, behind the guards and under limits of its own.
  reads: [{ types: /^multipart\/form-data\s*(?:;|$)/ }],
  routes: [
    route(
      {
        method: 'POST',
        path: '/',
        access: 'user',
        limits: ['upload'],
        input: {},
        output: File,
        summary: 'Upload a file: one part named file of multipart/form-data',
      },
      async (given) => {
        const file = await takeFile(given);
        return created(`/api/v1/files/${file.id}`, file);
      },
    ),
    route({ method: 'GET', path: '/', access: 'user', input: {}, output: closed({ items: Type.Array(File) }), summary: 'List own files' }, async (given) =>
      ok({ items: await repository(given).list() }),
    ),
    route({ method: 'GET', path: '/:id', access: 'user', input: { params: Id }, output: File, summary: 'Read what is known of a file' }, async (given) =>
      ok(foundOr404(await repository(given).find(given.input.params.id))),
    ),
    route({ method: 'DELETE', path: '/:id', access: 'user', input: { params: Id }, output: Type.Null(), summary: 'Delete a file' }, async (given) => {
      const { app, context, input } = given;
      const key = await storedKeyOf(given, foundOr404(await repository(given).place(input.params.id)));
      await inTransaction(app, async (tx) => {
        if (!(await filesOf(actorOf(context), tx).remove(input.params.id))) throw new Problem(404);
        // Inside: when the bytes cannot be deleted, the row stays.
        await app.services.storage.remove(key);
      });
      return noContent();
    }),
  ],
});
