import express, { type RequestHandler } from 'express';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { RouteModule } from '#src/protections/app-core/route.ts';

/** `text/html; charset=utf-8` is `text/html`. */
const mediaTypeOf = (contentType = ''): string => (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();

type Given = Pick<RouteModule, 'consumes' | 'reads'>;

/** JSON is the only media type that is read; any other answers 415, unless the module says how it is read. */
export const readBodies = ({ config, routing }: AppContext, { consumes = [], reads = [] }: Given): RequestHandler[] => {
  const { tools } = routing;
  const raw = (limit: number): RequestHandler => express.raw({ type: () => true, limit, inflate: false });
  const leave: RequestHandler = (_request, _response, next) => next();
  const others = reads.map((reader) => ({ ...reader, load: reader.read === undefined ? leave : raw(reader.limit?.(config) ?? config.BODY_LIMIT_BYTES) }));
  const load = raw(config.BODY_LIMIT_BYTES);
  const otherFor = (contentType = '') => others.find(({ types }) => types.test(contentType.trim().toLowerCase()));
  const parse = (body: Buffer, contentType: string | undefined): unknown => {
    const mediaType = mediaTypeOf(contentType);
    const other = otherFor(contentType);
    if (other?.read !== undefined) return other.read(body, contentType ?? '');
    return tools.parseJson(body, consumes.includes(mediaType) ? undefined : contentType);
  };
  return [
    (request, _response, next) => {
      const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
      const contentType = request.headers['content-type'];
      const mediaType = mediaTypeOf(contentType);
      const isRead = mediaType === 'application/json' || consumes.includes(mediaType) || otherFor(contentType) !== undefined;
      const refused = hasBody && !isRead;
      next(refused ? new Problem(415) : undefined); // protect: Q419 (refused ? new Problem(415) : undefined -> undefined)
    },
    (request, response, next) => (otherFor(request.headers['content-type'])?.load ?? load)(request, response, next),
    (request, _response, next) => {
      const body: unknown = request.body;
      // A POST without a body says `content-length: 0` and no type; that is no JSON document, but no fault either.
      const isAbsent = !Buffer.isBuffer(body) || (body.length === 0 && request.headers['content-type'] === undefined);
      request.body = isAbsent ? undefined : parse(body, request.headers['content-type']);
      next();
    },
  ];
};
