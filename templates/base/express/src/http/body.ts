import express, { type RequestHandler } from 'express';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';

/** JSON is the only media type that is read; any other answers 415. */
export const readJsonBodies = (context: AppContext): RequestHandler[] => [
  (request, _response, next) => {
    const type = request.headers['content-type'];
    const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
    next(hasBody && !/^application\/json\s*(;|$)/i.test(type ?? '') ? new Problem(415) : undefined);
  },
  express.raw({ type: () => true, limit: context.config.BODY_LIMIT_BYTES, inflate: false }),
  (request, _response, next) => {
    if (Buffer.isBuffer(request.body)) request.body = context.routing.tools.parseJson(request.body);
    next();
  },
];
