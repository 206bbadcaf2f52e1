import { digestOf, newToken } from '#src/protections/encryption/token.ts';
import { readCookie, removeCookie, sendCookie } from './cookie.ts';
import { openSessionOf } from './current.ts';
import type { Given } from './given.ts';

/** The cookie of a browser that is not signed in. Nothing of it is kept on the server. */
const preSession = 'pre';

const issued: unique symbol = Symbol('pre-session');

declare module '#src/protections/app-core/context.ts' {
  interface RequestContext {
    [issued]?: Buffer;
  }
}

const issue = (given: Given): Buffer => {
  const token = newToken();
  sendCookie(given, preSession, token);
  return (given.context[issued] = digestOf(token));
};

/** What the browser is bound to as far as its cookies say; undefined when it has none yet. */
export const knownBinding = (given: Given): Buffer | undefined => {
  const open = openSessionOf(given.context);
  if (open !== undefined) return open.digest;
  if (given.context[issued] !== undefined) return given.context[issued];
  const token = readCookie(given, preSession);
  return token === undefined ? undefined : digestOf(token);
};

/**
 * What only this browser can show: the digest of its session cookie, or of a cookie from before sign-in, which is issued when it is
 * absent. A ceremony that begins with one request and ends with another is bound to it.
 * @throws Problem 400 over plain http, where no cookie may travel.
 */
export const browserBinding = (given: Given): Buffer => knownBinding(given) ?? issue(given);

/** Ends the time before sign-in. */
export const endPreSession = (given: Given): void => {
  if (readCookie(given, preSession) !== undefined || given.context[issued] !== undefined) removeCookie(given, preSession);
};
