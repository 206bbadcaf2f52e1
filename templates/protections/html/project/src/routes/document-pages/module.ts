import Type from 'typebox';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { foundOr404 } from '#src/protections/access-control/missing.ts';
import { wantsPage } from '#src/protections/app-core/browser.ts';
import { type HandlerArguments, type InputSchemas, type ShowProblem, defineModule, route } from '#src/protections/app-core/route.ts';
import { asset } from '#src/protections/html/asset.ts';
import { pageReply } from '#src/protections/html/page.ts';
import { documentsOf } from '#src/routes/documents/repository.ts';
import { Id } from '#src/routes/documents/schemas.ts';
import { documentPage, listPage, refusalPage, scriptPath } from './pages.ts';

const repository = ({ app, context }: Pick<HandlerArguments<InputSchemas>, 'app' | 'context'>) => documentsOf(actorOf(context), app.services.db.query);

/** A refusal as a page, for browsers; failures of the server are answered as everywhere. */
const showProblem: ShowProblem = (problem, { context, request }) => {
  if (problem.status >= 500 || !wantsPage(request)) return undefined;
  return pageReply({ context }, refusalPage(problem, request.url ?? ''), problem);
};

/** The sample pages: own documents, with what people wrote in them. Copy them for your own. */
export const documentPages = defineModule({
  id: 'document-pages',
  prefix: '/',
  showProblem,
  routes: [
    route({ method: 'GET', path: '/documents', access: 'user', input: {}, output: Type.String(), summary: 'Page: own documents' }, async (given) => {
      const documents = await repository(given).list({ sort: 'updatedAt', direction: 'desc', limit: 100, after: undefined });
      return pageReply(given, listPage(given, documents));
    }),
    route({ method: 'GET', path: '/documents/:id', access: 'user', input: { params: Id }, output: Type.String(), summary: 'Page: a document' }, async (given) => {
      const document = foundOr404(await repository(given).find(given.input.params.id));
      return pageReply(given, documentPage(document));
    }),
    asset({ path: scriptPath, type: 'text/javascript', file: new URL('../../assets/documents.js', import.meta.url), summary: 'The script of the document pages' }),
  ],
});
