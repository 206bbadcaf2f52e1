import type { IncomingMessage } from 'node:http';

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
