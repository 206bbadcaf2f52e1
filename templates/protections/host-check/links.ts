import type { Static, TSchema } from 'typebox';
import type { Config } from '#src/config.ts';
import { type InputSchemas, type Route, pathOf } from '#src/protections/app-core/route.ts';
import { type OwnPath, ownPath } from './own-path.ts';
import { encodeQuery, fillPath } from './url-parts.ts';

type Nothing = Readonly<Record<string, never>>;
type Values<I extends InputSchemas, Part extends keyof InputSchemas> =
  I extends Readonly<Record<Part, infer S extends TSchema>> ? Static<S> : Nothing;

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
 * @throws TypeError for a path value that is missing, empty, `.` or `..`, and for one that is no scalar.
 * @throws Error when no module lists the route.
 */
export const urlFor = <I extends InputSchemas>(target: Route<I>, ...[params, query]: LinkArguments<NoInfer<I>>): OwnPath => {
  const path = fillPath(pathOf(target), params);
  const search = encodeQuery(query);
  return ownPath(search === '' ? path : `${path}?${search}`);
};

/** An absolute link, for mails and feeds. Its host is that of BASE_URL, whatever the request claimed (CWE-601). */
export const absoluteUrl = ({ BASE_URL }: Pick<Config, 'BASE_URL'>, path: OwnPath): string => BASE_URL + path;
