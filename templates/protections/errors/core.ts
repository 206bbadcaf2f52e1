import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Clock } from '#src/http/clock.ts';
import { problemAnswer } from '#src/http/problem-answer.ts';
import { wantsPage } from '../app-core/browser.ts';
import { findContext } from '../app-core/context.ts';
import { escapeHtml } from '../app-core/escape-html.ts';
import { Problem } from '../app-core/problem.ts';
import type { Answer } from '../app-core/route.ts';
import { toProblem } from './classify.ts';

/**
 * The one answer to a failure, whatever was thrown: RFC 9457 JSON, or a page for who prefers HTML. Failures of the
 * server are logged once, under the id that the answer carries; refusals (4xx) are for the access log.
 */
export const answerFailure = (error: unknown, request: IncomingMessage, log: Logger): Answer => {
  const problem = toProblem(error);
  if (problem.status < 500) return answerProblem(problem, request);
  const errorId = newErrorId();
  log.error({ err: asError(error), errorId, requestId: findContext(request)?.id }, 'request failed'); // protect: Q465
  return answerProblem(problem, request, errorId);
};

/** 128 random bits, in letters only: digits can pass for a card number, and a log that masks those would lose the id. */
const newErrorId = (): string => randomBytes(16).toString('hex').replace(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit)));

/** Turns a Problem into a response. */
export const answerProblem = (problem: Problem, request: IncomingMessage, errorId?: string): Answer => {
  const answer = problemAnswer(problem, errorId === undefined ? {} : { errorId });
  return wantsPage(request) ? { ...answer, headers: { ...answer.headers, 'content-type': 'text/html; charset=utf-8' }, body: asPage(problem, errorId) } : answer;
};

/** Anything can be thrown, and it must not break the one place that handles it. */
const asError = (error: unknown): Error => {
  if (error instanceof Error) return error;
  return new Error(typeof error === 'string' ? error : `A value that is no Error was thrown: ${error === null ? 'null' : typeof error}`);
};

const asPage = ({ status, title, detail }: Problem, errorId: string | undefined): string =>
  [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>`,
    `<body><h1>${status} ${escapeHtml(title)}</h1>`,
    detail === undefined ? '' : `<p>${escapeHtml(detail)}</p>`, // protect: Q465 (escapeHtml(detail) -> detail)
    errorId === undefined ? '' : `<p>Error id: ${errorId}</p>`,
    '</body></html>',
  ].join('\n');

/** How long unknown paths are counted before the log hears of them, ms. */
const COUNT_INTERVAL_MS = 60_000;

/**
 * Counts requests for paths that do not exist. Scanners ask for thousands: a line for each would bury the log, and
 * would let a stranger write in it (CWE-779).
 */
export class UnknownPaths {
  readonly #log: Logger;
  readonly #clock: Clock;
  #count = 0;
  #since: number;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  /** The refusal of a request that no route took. */
  refuse(): Problem {
    this.#count += 1;
    const now = this.#clock.monotonic();
    if (now - this.#since >= COUNT_INTERVAL_MS) {
      this.#log.info({ count: this.#count, seconds: Math.round((now - this.#since) / 1000) }, 'requests for unknown paths');
      this.#count = 0;
      this.#since = now;
    }
    return new Problem(404);
  }
}
