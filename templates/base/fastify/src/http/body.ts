import type { FastifyInstance } from 'fastify';
import type { AppContext } from '#src/context.ts';

/** JSON is the only media type that is read; any other answers 415. */
export const readJsonBodies = (app: FastifyInstance, context: AppContext): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    context.routing.tools.parseJson(body),
  );
};
