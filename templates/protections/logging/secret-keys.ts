/**
 * Names of fields whose value never reaches the log. Add yours here; a protection that brings a new kind of secret adds
 * its names too. Case, `-` and `_` do not count: `apikey` stands for `apiKey`, `API_KEY` and `x-api-key`.
 */
export const secretNames = {
  /** A field is secret when its name contains one of these. */
  parts: ['password', 'passwd', 'passphrase', 'secret', 'token', 'authorization', 'cookie', 'apikey', 'privatekey', 'credential', 'recoverycode'],
  /** A field is secret when this is its whole name. */
  whole: ['pwd', 'pass', 'pin', 'otp', 'totp', 'cvv', 'cvc', 'ssn', 'iban', 'jwt', 'sid', 'session', 'sessionid', 'cardnumber', 'creditcard', 'pan'],
} as const;

const known = new Map<string, boolean>();

/** True for a name whose value must be masked. */
export const isSecretKey = (key: string): boolean => {
  const cached = known.get(key);
  if (cached !== undefined) return cached;
  const name = key.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
  const secret = secretNames.whole.some((whole) => whole === name) || secretNames.parts.some((part) => name.includes(part));
  // Keys can come from a request: a cache without a bound is memory for the attacker to fill (CWE-770).
  if (known.size >= 1000) known.clear();
  known.set(key, secret);
  return secret;
};
