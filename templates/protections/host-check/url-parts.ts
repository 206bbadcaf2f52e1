/**
 * Puts values in the place of `:name` segments; each stays one segment.
 * @throws TypeError for a value that is empty, `.` or `..`: encoding leaves these as they are, and every URL parser
 * folds them into the path (CWE-116).
 */
export const fillPath = (pattern: string, params: unknown): string => {
  const values = new Map(entriesOf(params));
  return pattern
    .split('/')
    .map((segment) => (segment.startsWith(':') ? encodeSegment(segment.slice(1), values) : segment))
    .join('/');
};

/** A query string without `?`; what is undefined is left out. */
export const encodeQuery = (query: unknown): string => {
  const search = new URLSearchParams();
  for (const [name, value] of entriesOf(query)) {
    if (value !== undefined) search.append(name, scalar(name, value));
  }
  return search.toString();
};

const entriesOf = (values: unknown): [string, unknown][] => (typeof values === 'object' && values !== null ? Object.entries(values) : []);

const foldedAway: ReadonlySet<string> = new Set(['', '.', '..']);

const encodeSegment = (name: string, values: ReadonlyMap<string, unknown>): string => {
  const text = scalar(name, values.get(name));
  if (foldedAway.has(text)) throw new TypeError(`The path parameter ${name} must be more than dots.`); // protect: G7
  return encodeURIComponent(text); // protect: G7 (encodeURIComponent(text) -> text)
};

const scalar = (name: string, value: unknown): string => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TypeError(`The URL parameter ${name} must be a string, a number or a boolean.`);
};
