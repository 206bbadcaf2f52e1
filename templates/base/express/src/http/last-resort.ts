import type { ErrorRequestHandler } from 'express';
import { problemAnswer } from '#src/http/problem-answer.ts';
import { Problem } from '#src/protections/app-core/problem.ts';

/**
 * Answers a Problem that no protection answered. Express's own handler would read the body of a refused request to its
 * end before it says no.
 */
export const answerLeftover: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof Problem) || response.headersSent) return next(error);
  const { status, headers, body } = problemAnswer(error);
  response.writeHead(status, headers).end(body);
};
