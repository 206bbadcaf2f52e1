import type { IncomingMessage } from 'node:http';
import type { Config } from '#src/config.ts';
import { contextOf } from '../app-core/context.ts';
import { Problem } from '../app-core/problem.ts';
import type { RoutePolicy } from '../app-core/route.ts';
import { methodsAt } from './methods.ts';
import { compileOrigins } from './origins.ts';

export interface CorsOptions {
  /** Seconds for which a browser may keep the answer to a preflight. */
  readonly maxAgeSeconds: number;
}

/** Request headers that scripts of listed origins may send. Add what yours send. */
export const grantedHeaders: readonly string[] = ['authorization', 'content-type', 'idempotency-key', 'x-csrf-token'];
/** Response headers that they may read, besides the safelisted ones. */
export const exposedHeaders: readonly string[] = ['location', 'retry-after'];

/** Who may call from elsewhere, and what they are told. */
export interface CorsPolicy {
  readonly origins: ReadonlySet<string>;
  /** The origin of BASE_URL. */
  readonly ownOrigin: string;
  readonly maxAgeSeconds: number;
  /** Every route of the app; complete once it has booted. */
  readonly inventory: readonly RoutePolicy[];
}

type HeaderTable = Readonly<Record<string, string>>;

/** The answer to a preflight: nothing but what is granted. */
export interface Preflight {
  readonly granted: HeaderTable;
}

/**
 * Compiles the policy, once per app.
 * @throws Error when an entry of CORS_ORIGINS is unusable: leaving it out would admit less, or more, than was meant.
 */
export const compileCors = (
  config: Pick<Config, 'NODE_ENV' | 'CORS_ORIGINS' | 'BASE_URL'>,
  inventory: readonly RoutePolicy[],
  { maxAgeSeconds }: CorsOptions,
): CorsPolicy => {
  const { origins, problems } = compileOrigins(config);
  if (problems.length > 0) throw new Error(problems.join('; ')); // protect: Q449
  return { origins, ownOrigin: new URL(config.BASE_URL).origin, maxAgeSeconds, inventory };
};

/** What the policy comes to, for whoever runs `npm run doctor`. */
export const describeCors = ({ origins, maxAgeSeconds }: CorsPolicy): string =>
  origins.size === 0
    ? 'cors: no other origin may call this app'
    : `cors: scripts of ${[...origins].join(', ')} may call every route as the user who is signed in, send ${grantedHeaders.join(', ')} and read ${exposedHeaders.join(', ')}; browsers keep a preflight for ${maxAgeSeconds} s`;

/**
 * Decides on a request that names its origin, before anything of it is read. CORS only hides answers, so what an unlisted
 * origin wants to change is refused here (Fetch section 3.2; ASVS V3.4.2, V3.5.2).
 */
export const checkOrigin = (request: IncomingMessage, policy: CorsPolicy): Problem | Preflight | undefined => {
  const { method = '', headers } = request;
  const { origin } = headers;
  if (origin === undefined) return undefined;
  if (method === 'OPTIONS') return headers['access-control-request-method'] === undefined ? undefined : answerPreflight(request, policy, origin);
  if (method === 'GET' || method === 'HEAD' || policy.origins.has(origin) || isOwn(origin, request, policy)) return undefined;
  return foreign(); // protect: Q422
};

const foreign = (): Problem => new Problem(403, { detail: 'This origin may not call the app.', extensions: { code: 'cross_site_request' } });

/**
 * The app may answer for several hosts: its own pages are those of the host that was asked. A page that keeps its address to
 * itself (`Referrer-Policy: no-referrer`) posts its forms as `null`; that it is an own page says `Sec-Fetch-Site`, which no
 * page can forge.
 */
const isOwn = (origin: string, request: IncomingMessage, { ownOrigin }: CorsPolicy): boolean =>
  origin === ownOrigin ||
  request.headers['sec-fetch-site'] === 'same-origin' ||
  origin === `${contextOf(request).scheme}://${request.headers.host}`;

const answerPreflight = ({ url = '' }: IncomingMessage, policy: CorsPolicy, origin: string): Problem | Preflight | undefined => {
  if (!policy.origins.has(origin)) return foreign();
  const methods = methodsAt(policy.inventory, url);
  if (methods.length === 0) return undefined;
  return {
    granted: {
      'access-control-allow-methods': methods.join(', '), // protect: Q422 (methods.join(', ') -> 'GET, POST, PUT, PATCH, DELETE')
      'access-control-allow-headers': grantedHeaders.join(', '),
      'access-control-max-age': String(policy.maxAgeSeconds),
    },
  };
};

/** What an answer tells the browser: `origin` may read it, with the cookies of the user. Nobody else gets any of it. */
export const readableBy = (origin: string | undefined, { origins }: CorsPolicy): HeaderTable => {
  if (origin === undefined) return {};
  if (!origins.has(origin)) return {}; // protect: Q422, Q449
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': exposedHeaders.join(', '),
  };
};

/** `Vary` of an answer whose headers depend on Origin: without it a cache hands the answer for one origin to another (Q449). */
export const varyByOrigin = (vary: unknown): string => {
  if (vary === undefined) return 'Origin';
  const names = (Array.isArray(vary) ? vary.join(',') : typeof vary === 'string' ? vary : '').split(',').map((name) => name.trim());
  const known = names.filter((name) => name !== '');
  return known.some((name) => name === '*' || name.toLowerCase() === 'origin') ? known.join(', ') : [...known, 'Origin'].join(', ');
};
