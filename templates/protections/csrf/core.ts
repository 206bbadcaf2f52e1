import type { IncomingMessage } from 'node:http';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { GuardFactory } from '#src/protections/app-core/routing.ts';
import { sendsCookie } from '#src/protections/sessions/cookie.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { sessionCookieName } from '#src/protections/sessions/read.ts';
import { isOwnToken } from './token.ts';
import { csrfOf } from './trust.ts';

const refused = (): Problem => new Problem(403, { extensions: { code: 'cross_site_request' } });
const tokenRefused = (): Problem => new Problem(403, { extensions: { code: 'csrf_token_required' } });

/**
 * Where the request was made, as the browser says it: `Sec-Fetch-Site`, which no page can forge; without it Origin, then Referer.
 * What says nothing of it is no browser, or an old one, and is left to the token.
 * @returns true for a page of another origin that is not trusted.
 */
export const isForeign = ({ headers }: Pick<IncomingMessage, 'headers'>, own: string, isTrusted: (origin: string) => boolean): boolean => {
  const { 'sec-fetch-site': site, origin, referer } = headers;
  const isKnown = (from: string | undefined): boolean => from !== undefined && (from === own || isTrusted(from));
  if (site !== undefined) return site !== 'same-origin' && !(origin !== undefined && isTrusted(origin)); // protect: B2
  if (origin !== undefined) return !isKnown(origin); // protect: B2
  return referer !== undefined && !isKnown(URL.parse(referer)?.origin); // protect: B2 (!isKnown(URL.parse(referer)?.origin) -> false)
};

/** The token as it was sent: in a header by script, in a field by a form. */
const sentToken = ({ headers }: IncomingMessage, body: unknown): string => {
  const { 'x-csrf-token': header } = headers;
  if (typeof header === 'string') return header;
  const field: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, '_csrf') : undefined;
  return typeof field === 'string' ? field : '';
};

/** Checks every change whose credential is a cookie; signing in too, where the credential is what the request is about to get (CWE-352). */
export const refuseForgedRequests: GuardFactory = ({ method, credential = 'session', signsIn }, app: AppContext) => {
  if (method === 'GET' || credential !== 'session') return undefined;
  const own = new URL(app.config.BASE_URL).origin;
  const trusted = csrfOf(app);
  return ({ request, context, raw }) => {
    const given: Given = { app, context, request };
    if (isForeign(request, own, (origin) => trusted.isTrusted(origin))) return refused(); // protect: B2
    const isAsked = signsIn !== undefined || sendsCookie(given, sessionCookieName); // protect: B2 (signsIn !== undefined || -> )
    return isAsked && !isOwnToken(given, sentToken(request, raw.body)) ? tokenRefused() : undefined; // protect: B2
  };
};

/** Puts the check before every route. */
export const installCsrf = ({ routing }: AppContext): void => {
  routing.guard('csrf', refuseForgedRequests);
};
