import { Problem } from '../app-core/problem.ts';
import type { BodyReader } from '../app-core/route.ts';
import { decode } from './query.ts';

/** The most fields of one form. */
const MAX_FIELDS = 100;

/**
 * Reads `application/x-www-form-urlencoded`: every field once, as text; what each may hold is for the schema to say.
 * @throws Problem 400 for broken percent encoding or NUL, 422 for a repeated name or too many (CWE-235).
 */
export const parseForm = (body: Buffer): Record<string, string> => {
  const pairs = body.length === 0 ? [] : body.toString('latin1').split('&');
  if (pairs.length > MAX_FIELDS) throw unacceptable('fields'); // protect: G9
  const fields = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (fields.has(name)) throw unacceptable('repeated'); // protect: G9
    fields.set(name, equals < 0 ? '' : decode(pair.slice(equals + 1)));
  }
  // Own members only: a field named `__proto__` is a field like any other, which the schema does not know.
  return Object.fromEntries(fields);
};

/** HTML forms, for a module of pages: `defineModule({ ..., reads: [forms] })`. */
export const forms: BodyReader = { types: /^application\/x-www-form-urlencoded\s*(?:;|$)/, read: parseForm };

const unacceptable = (rule: string): Problem => new Problem(422, { detail: 'The form is not acceptable.', extensions: { path: '/body', rule } });
