import { Problem } from '../app-core/problem.ts';

/** Longer values reach the limits of proxies and browsers and end as somebody else's error. In characters. */
export const maxHeaderValueLength = 4_000;

/** A character can take twelve when it is encoded. */
const MAX_PARAMETER_LENGTH = Math.floor(maxHeaderValueLength / 13);

/** RFC 9110 section 5.5, without obs-text beyond Latin-1: tab, visible characters, space. */
const fieldValue = /^[\t\x20-\x7e\xa0-\xff]*$/;
const fieldName = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

const refuse = (): never => {
  throw new Problem(422, { detail: 'A value cannot be sent in a header.' });
};

/**
 * Text from outside as the value of a response header.
 * @throws Problem 422 for control characters (CWE-113), for what is not Latin-1, for more than 4,000 characters.
 */
export const headerValue = (text: string): string => {
  if (text.length > maxHeaderValueLength || !fieldValue.test(text)) return refuse(); // protect: Q407
  return text;
};

/**
 * A parameter whose value may be any text: `filename="na_ve.txt"; filename*=UTF-8''na%C3%AFve.txt` (RFC 8187, RFC 6266).
 * The plain form is left to old readers and holds no character that needs escaping.
 * @throws Problem 422 for control characters and half surrogate pairs.
 */
export const extendedParameter = (name: string, value: string): string => {
  if (value.length > MAX_PARAMETER_LENGTH || /\p{Cc}/u.test(value) || !value.isWellFormed()) return refuse(); // protect: Q407
  const plain = value.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  if (plain === value) return `${name}="${plain}"`;
  const encoded = encodeURIComponent(value).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${name}="${plain}"; ${name}*=UTF-8''${encoded}`;
};

/** A string of RFC 9651: quoted ASCII. @throws Problem 422 for anything else. */
export const structuredString = (text: string): string => {
  if (text.length > maxHeaderValueLength || !/^[\x20-\x7e]*$/.test(text)) return refuse(); // protect: Q407
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
};

/** A token of RFC 9651. @throws Problem 422 for anything else. */
export const structuredToken = (text: string): string => {
  if (text.length > maxHeaderValueLength || !/^[A-Za-z*][\w!#$%&'*+.^`|~:/-]*$/.test(text)) return refuse(); // protect: Q407
  return text;
};

/** An integer of RFC 9651: at most 15 digits. @throws Problem 422 for anything else. */
export const structuredInteger = (value: number): string => {
  if (!Number.isInteger(value) || Math.abs(value) > 999_999_999_999_999) return refuse(); // protect: Q407
  return String(value);
};

/**
 * The last look at the headers of an answer, for the route that forgot to use a helper: Node would throw in the middle
 * of sending, and both frameworks make a 500 of that.
 * @throws Problem 422.
 */
export const checkHeaders = (headers: Readonly<Record<string, string>>): void => {
  for (const name in headers) {
    if (!fieldName.test(name)) refuse(); // protect: Q407
    headerValue(headers[name] ?? ''); // protect: Q407
  }
};
