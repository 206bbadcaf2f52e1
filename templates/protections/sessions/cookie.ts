import type { IncomingMessage } from 'node:http';
import type { Config } from '#src/config.ts';
import type { RequestContext } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { type CookieAttributes, serializeCookie } from '#src/protections/request-hygiene/cookie.ts';

/** Of the peer of a connection, as Node writes it; an IPv4 address also when it is mapped into IPv6. */
const isLoopback = (address: string): boolean => address === '::1' || /^(?:::ffff:)?127\./.test(address);

interface Place {
  readonly app: { readonly config: Pick<Config, 'NODE_ENV'> };
  readonly context: RequestContext;
  readonly request: Pick<IncomingMessage, 'socket'>;
}

/**
 * The name of a cookie on this connection: `__Host-<name>`, which browsers take over https only and from this host alone. Plain
 * http gets another name and only outside of production, on this machine.
 * @returns undefined where no cookie may travel.
 */
export const cookieName = ({ app, context, request }: Place, name: string): string | undefined => {
  if (context.scheme === 'https') return `__Host-${name}`;
  if (app.config.NODE_ENV === 'production') return undefined; // protect: B4
  return isLoopback(request.socket.remoteAddress ?? '') ? name : undefined; // protect: B4 (isLoopback(request.socket.remoteAddress ?? '') -> true)
};

/** Tokens are far shorter; what is not belongs on the server. */
const longestValue = 1024;

/**
 * The line of a cookie that proves something: `__Host-`, Secure, HttpOnly, Path=/, SameSite=Lax, no Domain (ASVS V3.3). What is
 * said otherwise throws; only its age may be said, and SameSite=Strict.
 * @throws TypeError
 */
export const sessionCookie = (name: string, value: string, attributes: CookieAttributes = {}): string => {
  const { path = '/', domain, secure = true, httpOnly = true, sameSite = 'Lax' } = attributes;
  if (!name.startsWith('__Host-')) throw new TypeError('The name of this cookie begins with __Host-.'); // protect: B4
  const isWeaker = path !== '/' || domain !== undefined || !secure || !httpOnly || sameSite === 'None';
  if (isWeaker) throw new TypeError(`The cookie ${name} allows no other attributes.`); // protect: B4
  if (value.length > longestValue) throw new TypeError(`The cookie ${name} is too long for a token.`); // protect: B4
  return serializeCookie(name, value, attributes);
};

/** The same without Secure, for plain http on this machine while the app is being written. */
const developmentCookie = (name: string, value: string, maxAge: CookieAttributes): string => serializeCookie(name, value, { ...maxAge, secure: false });

/**
 * Sends a cookie with the answer; it lives as long as the browser unless its age is said, in seconds.
 * @throws Problem 400 where no cookie may travel: nothing that a session hangs on goes over plain http.
 */
export const sendCookie = (place: Place, name: string, value: string, age: Pick<CookieAttributes, 'maxAge'> = {}): void => {
  const full = cookieName(place, name);
  if (full === undefined) throw new Problem(400, { detail: 'Use https.' });
  place.context.setCookie(lineOf(full, value, age));
};

/** Takes a cookie from the browser. */
export const removeCookie = (place: Place, name: string): void => {
  const full = cookieName(place, name);
  if (full !== undefined) place.context.setCookie(lineOf(full, '', { maxAge: 0 }));
};

const lineOf = (name: string, value: string, attributes: CookieAttributes): string =>
  name.startsWith('__Host-') ? sessionCookie(name, value, attributes) : developmentCookie(name, value, attributes);

const token = /^[\w-]{43}$/;

/**
 * The token in a cookie of the request; undefined when there is none, or none that this app made.
 * @throws Problem 400 when the cookie is there twice: which of them counts would be a guess (CWE-1275).
 */
export const readCookie = (place: Place & { readonly request: Pick<IncomingMessage, 'headers'> }, name: string): string | undefined => {
  const { cookie } = place.request.headers;
  if (cookie === undefined) return undefined;
  const full = cookieName(place, name);
  return full === undefined ? undefined : tokenIn(cookie, full);
};

/** What a cookie of this name holds in a `Cookie` header; several when it is there more than once. */
const valuesOf = (header: string, name: string): string[] =>
  header.split(';').flatMap((pair) => {
    const text = pair.trim();
    return text.startsWith(name) && text[name.length] === '=' ? [text.slice(name.length + 1)] : [];
  });

/** True when a request carries the cookie, whatever it is worth. */
export const sendsCookie = (place: Place & { readonly request: Pick<IncomingMessage, 'headers'> }, name: string): boolean => {
  const { cookie } = place.request.headers;
  const full = cookieName(place, name);
  return cookie !== undefined && full !== undefined && valuesOf(cookie, full).length > 0;
};

const tokenIn = (header: string, name: string): string | undefined => {
  const values = valuesOf(header, name);
  if (values.length > 1) throw new Problem(400, { detail: 'A cookie was sent twice.' }); // protect: B4
  const [value = ''] = values;
  return token.test(value) ? value : undefined;
};
