import express, { type RequestHandler } from 'express';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';

/** `text/html; charset=utf-8` is `text/html`. */
const mediaTypeOf = (contentType = ''): string => (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();

/** JSON is the only media type that is read; any other answers 415, unless a module `consumes` it as JSON too. */
export const readJsonBodies = (context: AppContext, consumes: readonly string[] = []): RequestHandler[] => [
  (request, _response, next) => {
    const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
    const mediaType = mediaTypeOf(request.headers['content-type']);
    const refused = hasBody && mediaType !== 'application/json' && !consumes.includes(mediaType);
    next(refused ? new Problem(415) : undefined); // protect: Q419 (refused ? new Problem(415) : undefined -> undefined)
  },
  express.raw({ type: () => true, limit: context.config.BODY_LIMIT_BYTES, inflate: false }),
  (request, _response, next) => {
    const body: unknown = request.body;
    // A POST without a body says `content-length: 0` and no type; that is no JSON document, but no fault either.
    const isAbsent = !Buffer.isBuffer(body) || (body.length === 0 && request.headers['content-type'] === undefined);
    const contentType = consumes.includes(mediaTypeOf(request.headers['content-type'])) ? undefined : request.headers['content-type'];
    request.body = isAbsent ? undefined : context.routing.tools.parseJson(body, contentType);
    next();
  },
];
