import type { IncomingMessage } from 'node:http';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { GuardFactory } from '#src/protections/app-core/routing.ts';
import { sendsCookie } from '#src/protections/sessions/cookie.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { sessionCookieName } from '#src/protections/sessions/read.ts';
import { isForeign } from './origin.ts';
import { isOwnToken } from './token.ts';
import { csrfOf } from './trust.ts';

const refused = (): Problem => new Problem(403, { extensions: { code: 'cross_site_request' } });
const tokenRefused = (): Problem => new Problem(403, { extensions: { code: 'csrf_token_required' } });

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
