/**
 * A hash as text in the form of the PHC string format: `$id$v=19$m=19456,t=2$salt$tag`. The form that password libraries of
 * every language write.
 */
export interface PhcString {
  readonly id: string;
  readonly version: string | undefined;
  readonly parameters: ReadonlyMap<string, string>;
  readonly salt: Buffer;
  /** Empty when the text ends with the salt. */
  readonly tag: Buffer;
}

/** The longest text that is looked at: what the database holds is not believed either. */
const longest = 512;

const pattern = /^\$([a-z\d-]{1,32})(?:\$v=(\d{1,4}))?\$((?:[a-z\d-]{1,16}=[\w+/.-]{1,64})(?:,[a-z\d-]{1,16}=[\w+/.-]{1,64}){0,7})\$([\w+/.-]{1,128})(?:\$([\w+/.-]{1,128}))?$/;

/** Reads a PHC string; undefined when it is none. */
export const readPhc = (text: string): PhcString | undefined => {
  const match = text.length > longest ? null : pattern.exec(text);
  if (match === null) return undefined;
  const [, id = '', version, parameters = '', salt = '', tag = ''] = match;
  const pairs = parameters.split(',').map((pair) => pair.split('='));
  return { id, version, parameters: new Map(pairs.map(([name = '', value = '']) => [name, value])), salt: fromBase64(salt), tag: fromBase64(tag) };
};


/** Base64 with or without padding, `.` for `+` where others wrote it so. */
export const fromBase64 = (text: string): Buffer => Buffer.from(text.replaceAll('.', '+'), 'base64');

/** Base64 without padding, as PHC strings have it. */
export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');

/** A parameter as a whole number from `min` to `max`; undefined when it is missing, no number, or outside. */
export const wholeNumber = ({ parameters }: PhcString, name: string, min: number, max: number): number | undefined => {
  const text = parameters.get(name) ?? '';
  const value = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
};
