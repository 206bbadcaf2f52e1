import type { FastifyInstance } from 'fastify';
import type { AppContext } from '#src/context.ts';

/** JSON is the only media type that is read; any other answers 415, unless a module reads it as JSON too. */
export const readJsonBodies = (app: FastifyInstance, context: AppContext): void => {
  app.removeAllContentTypeParsers(); // protect: Q419
  readAsJson(app, ['application/json'], (body, contentType) => context.routing.tools.parseJson(body, contentType));
};

/** Reads bodies of these media types as JSON, in this scope only. */
export const readAsJson = (app: FastifyInstance, types: readonly string[], parse: (body: Buffer, contentType?: string) => unknown): void => {
  app.addContentTypeParser<Buffer>([...types], { parseAs: 'buffer' }, ({ headers }, body, done) => {
    try {
      done(null, parse(body, headers['content-type']));
    } catch (error) {
      done(error instanceof Error ? error : new Error('The body could not be read.', { cause: error }));
    }
  });
};
