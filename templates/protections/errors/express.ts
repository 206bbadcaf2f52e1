import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { ServerResponse } from 'node:http';
import type { Binding } from '#src/http/binding.ts';
import type { Answer } from '../app-core/route.ts';
import { UnknownPaths, answerFailure, answerProblem } from './core.ts';

/** Answers what no route took, and whatever failed on the way. */
export const errors = (): Binding => ({
  id: 'errors',
  requires: ['app-core'],
  installLast: (app, { log, clock }) => {
    const unknown = new UnknownPaths(log, clock);
    const notFound: RequestHandler = (request, response) => write(response, answerProblem(unknown.refuse(), request));
    // Express tells an error handler by its four parameters.
    const failed: ErrorRequestHandler = (error: unknown, request, response, _next) => {
      const answer = answerFailure(error, request, log);
      if (response.headersSent) response.destroy();
      else write(response, answer);
    };
    app.use(notFound); // protect: Q465
    app.use(failed); // protect: Q465
  },
});

const write = (response: ServerResponse, { status, headers, body }: Answer): void => {
  for (const name of bodyHeaders) response.removeHeader(name);
  response.writeHead(status, headers).end(body);
};

/** Set for an answer that will not be sent any more. */
const bodyHeaders = ['content-length', 'content-encoding', 'etag', 'last-modified'];
