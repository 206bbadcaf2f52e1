import type { FastifyInstance } from 'fastify';
import type { AppContext } from '#src/context.ts';
import type { BodyReader } from '#src/protections/app-core/route.ts';

/** JSON is the only media type that is read; any other answers 415, unless a module says how it is read. */
export const readJsonBodies = (app: FastifyInstance, context: AppContext): void => {
  app.removeAllContentTypeParsers(); // protect: Q419
  readAsJson(app, ['application/json'], (body, contentType) => context.routing.tools.parseJson(body, contentType));
};

/** Reads bodies of these media types as JSON, in this scope only. */
export const readAsJson = (app: FastifyInstance, types: readonly string[], parse: (body: Buffer, contentType?: string) => unknown): void => {
  app.addContentTypeParser<Buffer>([...types], { parseAs: 'buffer' }, ({ headers }, body, done) => finish(done, () => parse(body, headers['content-type'])));
};

/** Reads the bodies that a reader of the module takes, in this scope only; one that takes JSON takes the place of the parser for it. */
export const readOther = (app: FastifyInstance, { types, limit, read }: BodyReader, { config }: AppContext): void => {
  if (types.test('application/json')) app.removeContentTypeParser('application/json');
  if (read === undefined) {
    app.addContentTypeParser(types, (_request, _body, done) => done(null));
    return;
  }
  const bodyLimit = limit?.(config) ?? config.BODY_LIMIT_BYTES;
  app.addContentTypeParser<Buffer>(types, { parseAs: 'buffer', bodyLimit }, ({ headers }, body, done) => finish(done, () => read(body, headers['content-type'] ?? '')));
};

const finish = (done: (error: Error | null, body?: unknown) => void, read: () => unknown): void => {
  try {
    done(null, read());
  } catch (error) {
    done(error instanceof Error ? error : new Error('The body could not be read.', { cause: error }));
  }
};
