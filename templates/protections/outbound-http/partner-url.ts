import type { OutboundHeaders } from './exchange.ts';
import { OutboundError } from './outbound-error.ts';
import type { Partner } from './partner.ts';

/** What fills the path and the query of a call. */
export interface CallValues {
  /** By the names in the path. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
}

/** What every server accepts, roughly (ASVS V4.2.5). */
const longestUrl = 4096;

/** Shorter words of a header are no secrets: `Bearer`, `Basic`, `v1`. */
const shortestSecret = 8;

const unsendable = (why: string): OutboundError => new OutboundError('unsendable', { cause: new Error(why) });

/**
 * The URL of a call: the constant base, the path with its parameters encoded, the query.
 * @throws OutboundError `unsendable` for a parameter that would lead to another path, for a secret, for too long a URL.
 */
export const urlOf = ({ baseUrl }: Partner, path: string, { params = {}, query = {} }: CallValues, credentials: OutboundHeaders): URL => {
  const secrets = Object.values(credentials).flatMap((value) => value.split(' ').filter((word) => word.length >= shortestSecret));
  const given = [...Object.values(params), ...Object.values(query)].map(String);
  if (given.some((value) => secrets.some((secret) => value.includes(secret)))) throw unsendable('a credential in the URL'); // protect: Q477
  const url = new URL(baseUrl.replace(/\/$/, '') + path.replaceAll(/:([A-Za-z]\w*)/g, (_placeholder, name: string) => segment(params[name])));
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  if (url.href.length > longestUrl) throw unsendable('the URL is too long'); // protect: Q477
  return url;
};

/** One segment of a path, whatever the value holds. Dots cannot be encoded: they would climb to another resource (CWE-22). */
const segment = (value = ''): string => {
  if (/^\.{0,2}$/.test(value)) throw unsendable('a parameter is empty or climbs'); // protect: Q477
  return encodeURIComponent(value);
};
