import type { IncomingMessage } from 'node:http';
import type { Config } from '#src/config.ts';
import { wantsPage } from '#src/protections/app-core/browser.ts';
import { type RequestContext, contextOf } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { compileHosts, parseHost } from './hosts.ts';
import { TrustedProxies, parseProxies } from './proxies.ts';

type Settings = Pick<Config, 'NODE_ENV' | 'BASE_URL' | 'ALLOWED_HOSTS' | 'TRUSTED_PROXIES'>;

/** The lists, ready to be looked up. */
export interface HostRules {
  readonly hosts: ReadonlySet<string>;
  readonly proxies: TrustedProxies;
  /** Where browsers are sent that came over plain HTTP; undefined outside production, where plain HTTP is served. */
  readonly httpsOrigin: string | undefined;
}

/** The page stands at this address for good. */
export interface MovedToHttps {
  readonly location: string;
}

/** What is wrong with the lists, one sentence each; names positions, never values. */
export const hostProblems = ({ BASE_URL, ALLOWED_HOSTS, TRUSTED_PROXIES }: Settings): readonly string[] => [
  ...compileHosts(BASE_URL, ALLOWED_HOSTS).problems,
  ...parseProxies(TRUSTED_PROXIES).problems,
];

/**
 * Compiles the lists, once per app.
 * @throws Error when an entry is unusable: leaving it out would trust less, or more, than was meant.
 */
export const compileHostRules = (settings: Settings): HostRules => {
  const problems = hostProblems(settings);
  if (problems.length > 0) throw new Error(problems.join('; '));
  return {
    hosts: compileHosts(settings.BASE_URL, settings.ALLOWED_HOSTS).hosts,
    proxies: new TrustedProxies(parseProxies(settings.TRUSTED_PROXIES).ranges),
    httpsOrigin: settings.NODE_ENV === 'production' ? `https://${new URL(settings.BASE_URL).host}` : undefined,
  };
};

/**
 * Decides whether the app is meant, and settles who asks: `clientIp` and `scheme` of the context are final afterwards.
 * RFC 9112 section 3.2 and 3.3, RFC 9110 section 7.4; ASVS V4.1.2, V4.1.3.
 */
export const checkRequest = (request: IncomingMessage, rules: HostRules): Problem | MovedToHttps | undefined => {
  const { url = '', headers, rawHeaders } = request;
  // Absolute form carries a second host, which frameworks strip or route by.
  if (!url.startsWith('/')) return malformed('The request target must be a path.'); // protect: Q439
  // Node keeps the first of two Host lines; a proxy may have routed by the second.
  if (countHosts(rawHeaders) !== 1) return malformed('A request names exactly one host.'); // protect: Q439
  if (!isListed(headers.host ?? '', rules)) return unknownHost(headers.host ?? ''); // protect: Q439
  const context = contextOf(request);
  const problem = readForwarded(request, context, rules);
  if (problem !== undefined) return problem;
  if (rules.httpsOrigin !== undefined && context.scheme !== 'https') return refusePlainHttp(request, rules.httpsOrigin); // protect: Q439
  return undefined;
};

const malformed = (detail: string): Problem => new Problem(400, { detail, close: true });

/** Names stand at even places; the length is compared first since nearly every name fails it. */
const countHosts = (rawHeaders: readonly string[]): number => {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
};

const isListed = (host: string, { hosts }: HostRules): boolean => hosts.has(host) || hosts.has(host.toLowerCase());

const unknownHost = (host: string): Problem =>
  parseHost(host) === undefined
    ? malformed('The Host header is malformed.')
    : new Problem(421, { detail: 'This server does not answer for that host.' });

/** Takes over what a trusted proxy says of the client. What anybody else says of themselves is not read. */
const readForwarded = ({ headers }: IncomingMessage, context: RequestContext, rules: HostRules): Problem | undefined => {
  const peer = rules.proxies.look(context.clientIp);
  if (peer === undefined) return undefined;
  context.clientIp = peer.address;
  if (!peer.trusted) return undefined; // protect: Q439

  const { 'x-forwarded-for': chain, 'x-forwarded-host': host, 'x-forwarded-proto': scheme } = headers;
  if (typeof chain === 'string') {
    const client = rules.proxies.clientOf(chain);
    if (client === undefined) return malformed('X-Forwarded-For must list IP addresses.'); // protect: Q439
    context.clientIp = client;
  }
  if (typeof host === 'string') {
    const foreign = host.split(',').some((each) => !isListed(each.trim(), rules));
    if (foreign) return malformed('X-Forwarded-Host names a host that this server does not answer for.'); // protect: Q439
  }
  if (scheme !== undefined) {
    if (scheme !== 'http' && scheme !== 'https') return malformed('X-Forwarded-Proto must be http or https.'); // protect: Q439
    context.scheme = scheme;
  }
  return undefined;
};

/** A redirected API call would work, so nobody would notice that its credentials travel in clear text each time. */
const refusePlainHttp = (request: IncomingMessage, httpsOrigin: string): Problem | MovedToHttps => {
  const { method, url = '' } = request;
  if (!((method === 'GET' || method === 'HEAD') && wantsPage(request))) return malformed('Use https.'); // protect: Q439
  return { location: httpsOrigin + url };
};
