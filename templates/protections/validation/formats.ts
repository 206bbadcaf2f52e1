import Type from 'typebox';
import Format from 'typebox/format';

/** The longest text that any format is tried on: length first, pattern second (CWE-1333). */
const MAX_FORMAT_LENGTH = 2048;

const localPart = /^[\w!#$%&'*+/=?^`{|}~-]+$/;
const label = /^[a-z\d-]{1,63}$/i;

/**
 * The shape of an address that mail can reach (RFC 5321: 254 octets, local part 64; a domain with a dot). Whether it
 * exists and whose it is, only a mail with a link can tell.
 */
export const isEmail = (text: string): boolean => {
  if (text.length > 254) return false; // protect: Q468
  const at = text.lastIndexOf('@');
  const labels = text.slice(at + 1).split('.');
  return (
    at > 0 &&
    at <= 64 &&
    text.slice(0, at).split('.').every((atom) => localPart.test(atom)) &&
    labels.length > 1 &&
    labels.every((part) => label.test(part) && !part.startsWith('-') && !part.endsWith('-')) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  );
};

/** Whole years between a birth date and the day of `now` (ms since the epoch, UTC): birthdays, not multiples of 365 days. */
export const ageOn = (birthDate: string, now: number): number => {
  const today = new Date(now).toISOString();
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return today.slice(5, 10) < birthDate.slice(5, 10) ? years - 1 : years;
};

const builtIn = Format.Entries();

/** Replaces the formats of the schema library by ones with a length cap, and by our own. Calling it again changes nothing. */
export const registerFormats = (): void => {
  for (const [name, check] of builtIn) Format.Set(name, (text) => text.length <= MAX_FORMAT_LENGTH && check(text));
  Format.Set('email', isEmail); // protect: Q468
};

/** An email address. */
export const email = () => Type.String({ format: 'email', maxLength: 254 });

/** A day that exists, `2024-02-29` (RFC 3339 full-date). */
export const date = () => Type.String({ format: 'date', maxLength: 10 });

/** A moment with its offset, `2024-02-29T12:00:00Z` (RFC 3339). */
export const dateTime = () => Type.String({ format: 'date-time', maxLength: 64 });

/** RFC 9562. */
export const uuid = () => Type.String({ format: 'uuid', maxLength: 36 });

/** Text of `minLength` to `maxLength` UTF-16 units. */
export const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength });
