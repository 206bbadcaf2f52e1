import type { FastifyReply } from 'fastify';
import type { Binding } from '#src/http/binding.ts';
import type { Answer } from '../app-core/route.ts';
import { UnknownPaths, answerFailure, answerProblem } from './core.ts';

/** Answers what no route took, and whatever failed on the way. */
export const errors = (): Binding => ({
  id: 'errors',
  requires: ['app-core'],
  install: (app, { log, clock }) => {
    const unknown = new UnknownPaths(log, clock);
    app.setNotFoundHandler(({ raw }, reply) => write(reply, answerProblem(unknown.refuse(), raw))); // protect: Q465
    app.setErrorHandler((error: unknown, { raw }, reply) => write(reply, answerFailure(error, raw, log))); // protect: Q465
  },
});

const write = (reply: FastifyReply, { status, headers, body }: Answer): FastifyReply => reply.code(status).headers(headers).send(body);
