import { maskCardNumbers } from './card-numbers.ts';

export const mask = '[redacted]';

/** Longer strings are cut to this many characters: a log line is no place for a document. */
export const longestString = 8192;

/**
 * What a secret looks like when no field name gives it away. Every pattern is linear: it can begin only at the start of a
 * run, or has a small bound, so that text from a request cannot make the log the slowest part of the app (CWE-1333).
 */
const patterns: readonly { readonly find: RegExp; readonly put: string }[] = [
  // JWS and JWE in compact form (RFC 7515, RFC 7516): the header is JSON, so its base64url begins with `eyJ`.
  { find: /(?<![\w-])eyJ[\w-]{5,}\.[\w-]{4,}(?:\.[\w-]*){1,3}/g, put: mask },
  // Credentials of an Authorization header (RFC 9110 section 11.6.2).
  { find: /\b(bearer|basic|digest)[ \t]{1,4}[\w.~+/=-]{12,}/gi, put: `$1 ${mask}` },
  // A Cookie or Set-Cookie header, whole: every pair of it may be a session.
  { find: /(cookie["']?\s{0,2}[:=]\s{0,2}["']?)[^\r\n"'{}]{1,4096}/gi, put: `$1${mask}` },
  // `password=x`, `"apiKey": "x"`, `token: x`.
  {
    find: /(password|passwd|passphrase|secret|token|api[_-]?key|authorization)([\w-]{0,16}\\{0,2}["']?\s{0,2}[:=]\s{0,2}\\{0,2}["']?)(?!bearer |basic |digest )[^\s"'&,;{}[\]\\]{1,4096}/gi,
    put: `$1$2${mask}`,
  },
  // The password in `scheme://user:password@host`.
  { find: /(:\/\/[^\s/:@]{0,64}:)[^\s/@]{1,256}@/g, put: `$1${mask}@` },
];

/** API keys name their issuer: `sk_live_...`, `ghp_...`, `AKIA...`, and the keys of this app. */
const prefixedKey = /(?<![\w-])(?:(?:[a-z][a-z0-9]{1,9}[_-]){1,3}(?=[\w-]{20})[\w-]+|AKIA[A-Z0-9]{16}|AIza[\w-]{35})/g;

/** Identifiers are words, keys are noise: capitals and digits, or hex. */
const isNoise = (key: string): boolean => /[A-Z]/.test(key) || /[_-][a-z]*\d[a-z0-9]{18,}$/.test(key);

/** Masks what looks like a secret in running text, and cuts what is too long. */
export const maskText = (text: string): string => {
  if (text.length < 8) return text;
  // Twice the kept length is read, so that no secret is cut in two and missed.
  let masked = text.length > 2 * longestString ? text.slice(0, 2 * longestString) : text;
  for (const { find, put } of patterns) masked = masked.replace(find, put); // protect: Q470
  masked = masked.replace(prefixedKey, (key) => (isNoise(key) ? mask : key)); // protect: Q470
  masked = maskCardNumbers(masked, mask); // protect: Q470
  return masked.length > longestString ? `${masked.slice(0, longestString)} [cut from ${text.length} characters]` : masked;
};
