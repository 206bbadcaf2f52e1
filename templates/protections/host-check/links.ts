import type { Static, TSchema } from 'typebox';
import type { Config } from '#src/config.ts';
import { type InputSchemas, type Route, pathOf } from '#src/protections/app-core/route.ts';
import { type OwnPath, ownPath } from './own-path.ts';

type Nothing = Readonly<Record<string, never>>;
type Values<I extends InputSchemas, Part extends keyof InputSchemas> = I extends Readonly<Record<Part, infer S extends TSchema>> ? Static<S> : Nothing;

/** The path parameters a route takes, by its schema. */
export type ParamsOf<I extends InputSchemas> = Values<I, 'params'>;
/** The query parameters a route takes, by its schema. */
export type QueryOf<I extends InputSchemas> = Values<I, 'query'>;

/** What is empty, or all optional, may be left out. */
type LinkArguments<I extends InputSchemas> =
  Nothing extends QueryOf<I>
    ? Nothing extends ParamsOf<I>
      ? [params?: ParamsOf<I>, query?: QueryOf<I>]
      : [params: ParamsOf<I>, query?: QueryOf<I>]
    : [params: ParamsOf<I>, query: QueryOf<I>];

/**
 * The path to a route: `urlFor(getDocument, { id }, { page: 2 })`. Every value stays what it is: one path segment, one
 * query parameter.
 * @throws TypeError for a path value that is empty, `.` or `..`: encoding leaves these as they are, and every URL
 * parser folds them into the path (CWE-116).
 * @throws Error when no module lists the route.
 */
export const urlFor = <I extends InputSchemas>(target: Route<I>, ...[params, query]: LinkArguments<NoInfer<I>>): OwnPath => {
  const values = new Map(entriesOf(params));
  const path = pathOf(target)
    .split('/')
    .map((segment) => (segment.startsWith(':') ? encodeSegment(segment.slice(1), values) : segment))
    .join('/');
  const search = encodeQuery(query);
  return ownPath(search === '' ? path : `${path}?${search}`);
};

/** An absolute link, for mails and feeds. Its host is that of BASE_URL, whatever the request claimed (CWE-601). */
export const absoluteUrl = ({ BASE_URL }: Pick<Config, 'BASE_URL'>, path: OwnPath): string => BASE_URL + path;

const linkSchemes: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

/**
 * A link that users gave, as it may stand in `href` once it is escaped for HTML.
 * @returns `#` unless it is an absolute http, https or mailto URL: `javascript:` runs in our origin (CWE-79).
 */
export const safeHref = (text: string): string => {
  const url = URL.parse(text);
  if (url === null || !linkSchemes.has(url.protocol)) return '#'; // protect: G7
  // What was checked is what goes out: the parser ignores tabs and line breaks, and so would a browser.
  return url.href;
};

const entriesOf = (values: unknown): [string, unknown][] => (typeof values === 'object' && values !== null ? Object.entries(values) : []);

const scalar = (name: string, value: unknown): string => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TypeError(`The URL parameter ${name} must be a string, a number or a boolean.`);
};

const encodeSegment = (name: string, values: ReadonlyMap<string, unknown>): string => {
  const text = scalar(name, values.get(name));
  if (text === '' || text === '.' || text === '..') throw new TypeError(`The path parameter ${name} must be more than dots.`); // protect: G7
  return encodeURIComponent(text); // protect: G7 (encodeURIComponent(text) -> text)
};

const encodeQuery = (query: unknown): string => {
  const search = new URLSearchParams();
  for (const [name, value] of entriesOf(query)) {
    if (value !== undefined) search.append(name, scalar(name, value));
  }
  return search.toString();
};
