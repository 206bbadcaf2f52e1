import type { OptionValue } from '../manifest.ts';

/** `rate-limit` -> `rateLimit`; `0001_documents` -> `0001Documents`. */
export const camelCase = (id: string): string => id.replace(/[-_]+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** `rate-limit` -> `RateLimit` */
export const pascalCase = (id: string): string => camelCase(id).replace(/^[a-z]/, (letter) => letter.toUpperCase());

/** A string of the emitted code, in single quotes; nothing in it can end the string or the line. */
export const quoted = (text: string): string => {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'").replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return `'${escaped}'`;
};

/** A number as a person writes it: `65_536`. */
const digits = (value: number): string =>
  Number.isInteger(value) ? String(value).replace(/\B(?=(\d{3})+$)/g, '_') : String(value);

/** A value of the emitted code. */
export const literal = (value: OptionValue): string => (typeof value === 'string' ? quoted(value) : typeof value === 'number' ? digits(value) : String(value));

const maxLine = 140;

/** `open` entries `close` on one line when it fits, else an entry a line. */
export const list = (open: string, entries: readonly string[], close: string, pad = ' '): string => {
  if (entries.length === 0) return `${open}${close}`;
  const line = `${open}${pad}${entries.join(', ')}${pad}${close}`;
  return line.length <= maxLine && entries.every((entry) => !entry.includes('\n')) ? line : `${open}\n${entries.map((entry) => `  ${entry},\n`).join('')}${close}`;
};

/** One entry a line, always: such a list is read and merged line by line. */
export const lines = (open: string, entries: readonly string[], close: string): string =>
  entries.length === 0 ? `${open}${close}` : `${open}\n${entries.map((entry) => `  ${entry},\n`).join('')}${close}`;

/** A file of code: its paragraphs apart from each other by an empty line. */
export const paragraphs = (...texts: readonly string[]): string => `${texts.filter((text) => text !== '').join('\n\n')}\n`;
