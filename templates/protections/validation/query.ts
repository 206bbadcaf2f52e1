import { Problem } from '../app-core/problem.ts';
import type { Field } from './convert.ts';

/** The longest query string, in bytes as sent; longer ones answer 414. */
export const MAX_QUERY_BYTES = 8192;

/**
 * Reads a query string by the fields its schema declares: each name once, unless it is declared as an array, every
 * value decoded once. An object of parsers that collect repeated names into arrays never exists here (CWE-235).
 * @throws Problem 414 beyond `MAX_QUERY_BYTES`, 400 for broken percent encoding or NUL, 422 for an unknown or repeated name.
 */
export const parseQuery = (search: string, fields: ReadonlyMap<string, Field>): Record<string, unknown> => {
  if (search.length > MAX_QUERY_BYTES) throw new Problem(414, { close: true }); // protect: G9
  const values: Record<string, unknown> = {};
  if (search === '') return values;
  for (const pair of search.split('&')) {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const text = equals < 0 ? '' : decode(pair.slice(equals + 1));
    const field = fields.get(name);
    if (field === undefined) throw invalid('*', 'unknown'); // protect: Q413, G9
    const before = values[name];
    if (before !== undefined && !field.repeatable) throw invalid(name, 'repeated'); // protect: G9
    if (!field.repeatable) values[name] = field.convert(text);
    else if (Array.isArray(before)) before.push(field.convert(text));
    else values[name] = [field.convert(text)];
  }
  return values;
};

const invalid = (name: string, rule: string): Problem =>
  new Problem(422, { detail: 'A query parameter is not acceptable.', extensions: { path: `/query/${name}`, rule } });

/** `+` is a space in a query (WHATWG URL, application/x-www-form-urlencoded). */
export const decode = (encoded: string): string => {
  const text = encoded.includes('%') || encoded.includes('+') ? decodePercent(encoded.replaceAll('+', ' ')) : encoded;
  if (text.includes('\0')) throw malformed(); // protect: G9
  return text;
};

/** Refuses what is not UTF-8 too: an overlong form is a second spelling of a character that a filter looked for. */
const decodePercent = (encoded: string): string => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw malformed();
  }
};

const malformed = (): Problem =>
  new Problem(400, { detail: 'The request target is not well encoded.', extensions: { path: '/query', rule: 'encoding' } });
