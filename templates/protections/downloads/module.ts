import Type from 'typebox';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { foundOr404 } from '#src/protections/access-control/missing.ts';
import type { Actor } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { type Reply, noContent } from '#src/protections/app-core/reply.ts';
import { type HandlerArguments, type InputSchemas, defineModule, route } from '#src/protections/app-core/route.ts';
import { oneOf } from '#src/protections/database/list-query.ts';
import { redirectToOrigin } from '#src/protections/host-check/other-origin.ts';
import { storedKeyOf } from '#src/protections/uploads/stored-key.ts';
import { closed } from '#src/protections/validation/core.ts';
import { dateTime, text, uuid } from '#src/protections/validation/formats.ts';
import { type Disposition, deliver } from './deliver.ts';
import { assertSigned, linkPath, signedLink } from './links.ts';
import { findReadable, share, unshare } from './shared-files.ts';

const files = '/api/v1/files';
const Id = closed({ id: uuid() });
const disposition = () => oneOf(['attachment', 'inline']);

type Given = Pick<HandlerArguments<InputSchemas>, 'app' | 'context' | 'request'>;

/** The file, if `actor` may read it at this moment. @throws Problem 404, 416. */
const handOut = async (given: Given, actor: Pick<Actor, 'id' | 'tenant'>, asked: { readonly id: string; readonly disposition: Disposition }): Promise<Reply<never>> => {
  const { app, request } = given;
  const file = foundOr404(await findReadable(actor, app.services.db.query, asked.id));
  const key = await storedKeyOf(given, file);
  return deliver(app, request, { file, key, disposition: asked.disposition, embeddable: app.config.DOWNLOAD_ORIGIN !== undefined });
};

/** What is in the files of `uploads`, for those who may read them. */
export const module = defineModule({
  id: 'downloads',
  prefix: '/',
  routes: [
    route(
      {
        method: 'GET',
        path: `${files}/:id/content`,
        access: 'user',
        input: { params: Id, query: closed({ inline: Type.Optional(oneOf(['1'])) }) },
        output: Type.String(),
        summary: 'Download a file; ?inline=1 shows an image',
      },
      async (given) => {
        const { app, context, input } = given;
        const actor = actorOf(context);
        const asked = { id: input.params.id, disposition: input.query.inline === undefined ? 'attachment' : 'inline' } as const;
        if (app.config.DOWNLOAD_ORIGIN === undefined) return handOut(given, actor, asked);
        foundOr404(await findReadable(actor, app.services.db.query, asked.id));
        const { origin, path } = signedLink(app, actor, asked);
        return redirectToOrigin(origin, path);
      },
    ),
    route(
      {
        method: 'POST',
        path: `${files}/:id/links`,
        access: 'user',
        limits: ['write'],
        input: { params: Id, body: closed({ disposition: Type.Optional(disposition()) }) },
        output: closed({ url: Type.String(), expiresAt: dateTime() }),
        summary: 'Make a signed link to a file',
      },
      async ({ app, context, input }) => {
        const actor = actorOf(context);
        const { id } = foundOr404(await findReadable(actor, app.services.db.query, input.params.id));
        const { origin, path, expiresAt } = signedLink(app, actor, { id, disposition: input.body.disposition ?? 'attachment' });
        return { status: 201, headers: {}, json: { url: new URL(path, origin).href, expiresAt } };
      },
    ),
    route(
      {
        method: 'GET',
        path: `${linkPath}/:id`,
        access: 'public',
        credential: 'none',
        input: {
          params: Id,
          query: closed({ user: text(200, 1), tenant: Type.Optional(text(200)), expires: Type.Integer({ minimum: 0, maximum: 99_999_999_999 }), disposition: disposition(), signature: text(100, 1) }),
        },
        output: Type.String(),
        summary: 'Download a file by a signed link',
      },
      async (given) => {
        const { signature, ...signed } = given.input.query;
        const link = { ...signed, id: given.input.params.id };
        assertSigned(given.app, link, signature);
        const { user: id, tenant } = link;
        return handOut(given, { id, ...(tenant === undefined ? {} : { tenant }) }, link);
      },
    ),
    route(
      {
        method: 'PUT',
        path: `${files}/:id/shares/:userId`,
        access: 'user',
        limits: ['write'],
        input: { params: closed({ id: uuid(), userId: text(200, 1) }) },
        output: Type.Null(),
        summary: 'Let another user read a file',
      },
      async ({ app, context, input }) => {
        const { id, userId } = input.params;
        const isShared = await share(actorOf(context), app.services.db.query, { id, userId, now: new Date(app.clock.now()) });
        if (!isShared) throw new Problem(404);
        return noContent();
      },
    ),
    route(
      {
        method: 'DELETE',
        path: `${files}/:id/shares/:userId`,
        access: 'user',
        limits: ['write'],
        input: { params: closed({ id: uuid(), userId: text(200, 1) }) },
        output: Type.Null(),
        summary: 'Take it back',
      },
      async ({ app, context, input }) => {
        if (!(await unshare(actorOf(context), app.services.db.query, input.params))) throw new Problem(404);
        return noContent();
      },
    ),
  ],
});
