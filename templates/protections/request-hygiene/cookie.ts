/** RFC 6265bis. `secure`, `httpOnly`, `path: '/'` and `sameSite: 'Lax'` unless said otherwise. */
export interface CookieAttributes {
  readonly path?: string;
  /** Seconds; 0 deletes. Without it the cookie lives as long as the browser. */
  readonly maxAge?: number;
  readonly domain?: string;
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
}

const token = /^[\w!#$%&'*+.^`|~-]+$/;
const attributeText = /^[\x21-\x3a\x3c-\x7e]*$/;

/**
 * The value of a `Set-Cookie` header. The cookie's value may be any text: what no cookie may hold is percent-encoded.
 * @throws TypeError for a name that is no token, for `;` or controls in an attribute, for a prefix or SameSite=None
 * whose conditions are not met, for a cookie that browsers would drop as too long.
 */
export const serializeCookie = (name: string, value: string, attributes: CookieAttributes = {}): string => {
  const { path = '/', maxAge, domain, secure = true, httpOnly = true, sameSite = 'Lax' } = attributes;
  if (!token.test(name)) throw new TypeError('A cookie name must be a token.'); // protect: Q407
  // protect: Q407
  if (!attributeText.test(path) || !attributeText.test(domain ?? ''))
    throw new TypeError(`An attribute of the cookie ${name} holds a separator.`);
  if (maxAge !== undefined && !Number.isSafeInteger(maxAge)) throw new TypeError(`The age of the cookie ${name} must be whole seconds.`);
  if (/^__(?:Host|Secure)-/i.test(name) && !secure) throw new TypeError(`The cookie ${name} must be Secure.`); // protect: Q407
  // protect: Q407
  if (/^__Host-/i.test(name) && (path !== '/' || domain !== undefined))
    throw new TypeError(`The cookie ${name} must have Path=/ and no Domain.`);
  if (sameSite === 'None' && !secure) throw new TypeError(`The cookie ${name} must be Secure to be SameSite=None.`); // protect: Q407
  const pair = `${name}=${encodeURIComponent(value)}`; // protect: Q407 (encodeURIComponent(value) -> value)
  if (pair.length > 4_096) throw new TypeError(`The cookie ${name} is longer than browsers keep.`); // protect: Q407
  return [
    pair,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(secure ? ['Secure'] : []),
    `SameSite=${sameSite}`,
  ].join('; ');
};
