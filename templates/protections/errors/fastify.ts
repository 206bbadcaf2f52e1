import type { FastifyReply } from 'fastify';
import type { Binding } from '#src/http/binding.ts';
import { Problem } from '../app-core/problem.ts';
import type { Answer } from '../app-core/route.ts';
import { UnknownPaths, answerFailure, answerProblem } from './core.ts';
import { MALFORMED_TARGET, readableTarget } from './target.fastify.ts';

const malformed = (): Problem => new Problem(400, { detail: 'The request target is not well encoded.' });

/** Answers what no route took, and whatever failed on the way. */
export const errors = (): Binding => ({
  id: 'errors',
  requires: ['app-core'],
  server: {
    rewriteUrl: ({ url = '/' }) => readableTarget(url), // protect: Q465
    // A parameter that is too long is the schema's business; the router would answer it past every hook.
    routerOptions: { maxParamLength: 16_384 },
  },
  install: (app, { log, clock, routing }) => {
    const unknown = new UnknownPaths(log, clock);
    routing.guard('session', () => ({ request }) => (request.url === MALFORMED_TARGET ? malformed() : undefined)); // protect: Q465
    const refuse = (url = ''): Problem => (url === MALFORMED_TARGET ? malformed() : unknown.refuse());
    app.setNotFoundHandler(({ raw }, reply) => write(reply, answerProblem(refuse(raw.url), raw))); // protect: Q465
    app.setErrorHandler((error: unknown, { raw }, reply) => write(reply, answerFailure(error, raw, log))); // protect: Q465
  },
});

const write = (reply: FastifyReply, { status, headers, body }: Answer): FastifyReply => reply.code(status).headers(headers).send(body);
