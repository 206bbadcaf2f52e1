import type { Problem } from '#src/protections/app-core/problem.ts';
import type { Answer } from '#src/protections/app-core/route.ts';

/** A Problem as a response, with `more` members in its JSON (RFC 9457). */
export const problemAnswer = (problem: Problem, more: Readonly<Record<string, string>> = {}): Answer => ({
  status: problem.status,
  headers: {
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    ...Object.fromEntries(Object.entries(problem.headers).map(([name, value]) => [name.toLowerCase(), value])),
    ...(problem.close ? { connection: 'close' } : {}),
  },
  body: JSON.stringify({ ...problem.toJSON(), ...more }),
});
