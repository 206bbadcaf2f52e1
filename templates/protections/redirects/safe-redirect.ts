import { type OwnPath, isOwnPath, ownPath } from '#src/protections/host-check/own-path.ts';

/** Any origin would do, as long as its scheme is http: only then does the parser read `\` as browsers do. */
const origin = 'http://own.invalid';
const longest = 2_048;
const root = ownPath('/');

/**
 * Where a return-to parameter may lead: a path of this app, as it came; `fallback` for everything else. Never throws.
 * The path is checked as it came and again as a browser reads it: `/.//evil.test` starts with one slash and stays on
 * this host, but its dots fold away and leave `//evil.test` (CWE-601, ASVS V1.2.2).
 */
export const safeRedirect = (next: unknown, fallback: OwnPath = root): OwnPath => {
  if (typeof next !== 'string' || next.length > longest || !isOwnPath(next)) return fallback; // protect: Q441
  const url = URL.parse(next, origin);
  if (url?.origin !== origin) return fallback;
  const rebuilt = url.pathname + url.search + url.hash;
  return isOwnPath(rebuilt) ? rebuilt : fallback; // protect: Q441 (isOwnPath(rebuilt) ? rebuilt : fallback -> rebuilt)
};
