import type { FastifyInstance } from 'fastify';
import { problemAnswer } from '#src/http/problem-answer.ts';
import { Problem } from '#src/protections/app-core/problem.ts';

/**
 * Answers a Problem that no protection answers: Fastify's own handler drops its members.
 * Called before the bindings; what it returns is called behind them, and leaves a handler alone that one of them set.
 */
export const lastResort = (app: FastifyInstance): (() => void) => {
  const { errorHandler: ofFastify } = app;
  return () => {
    if (app.errorHandler !== ofFastify) return;
    app.setErrorHandler((error: unknown, _request, reply) => {
      if (!(error instanceof Problem)) throw error;
      const { status, headers, body } = problemAnswer(error);
      return reply.code(status).headers(headers).send(body);
    });
  };
};
