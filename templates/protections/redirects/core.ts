import type { IncomingMessage } from 'node:http';
import { wantsPage } from '#src/protections/app-core/browser.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { Reply } from '#src/protections/app-core/reply.ts';
import { type OwnPath, isOwnPath, ownPath } from '#src/protections/host-check/own-path.ts';

/**
 * Sends the browser to `path`, by GET whatever it came with (303, RFC 9110 section 15.4.4).
 * `return redirectTo(...)`: it is an answer, and what stands behind it would run (CWE-698). The linter insists.
 */
export const redirectTo = (path: OwnPath, headers: Readonly<Record<string, string>> = {}): Reply<never> => ({
  status: 303, // protect: G3 (303 -> 302)
  headers: { ...headers, location: path },
});

/**
 * Answers somebody who is not signed in: a browser goes to `signIn`, which finds the way back in `next` and hands it to
 * `safeRedirect`.
 * @throws Problem 401 for an API client: to a program, a sign-in page looks like success (ASVS V3.7.2).
 */
export const askToSignIn = (request: IncomingMessage, signIn: OwnPath): Reply<never> => {
  if (!wantsPage(request)) throw new Problem(401); // protect: G3
  const { method, url = '' } = request;
  // Only a page can be returned to; repeating a POST would be an action nobody asked for.
  const isPage = method === 'GET' && isOwnPath(url);
  return redirectTo(isPage ? ownPath(`${signIn}?next=${encodeURIComponent(url)}`) : signIn);
};
