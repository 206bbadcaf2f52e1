import { isCardNumber } from './card-numbers.ts';
import { mask, maskText } from './patterns.ts';
import { isSecretKey } from './secret-keys.ts';

/** Strings beyond this many in one entry are dropped unread: the time that an entry takes is bounded. */
const mostStrings = 5000;

/** Masks one member of an entry: by its name, else by what it looks like. */
const maskMember = (key: string, value: unknown, seen: { strings: number }): unknown => {
  if (value === null || typeof value === 'boolean') return value;
  if (isSecretKey(key)) return mask; // protect: Q470
  if (typeof value === 'number') return value >= 1e13 && isCardNumber(String(value)) ? mask : value; // protect: Q470
  if (typeof value !== 'string') return value;
  seen.strings += 1;
  return seen.strings > mostStrings ? '[dropped]' : maskText(value);
};

/** Characters that JSON leaves alone and terminals obey: DEL and C1 controls, line separators, bidirectional overrides (CWE-117). */
const obeyed = /[\u007F-\u009F\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON whose every member was masked, on one line, printable. */
const redactJson = (json: string): string => {
  const seen = { strings: 0 };
  const entry: unknown = JSON.parse(json, (key, value: unknown) => maskMember(key, value, seen));
  return JSON.stringify(entry).replace(obeyed, escape); // protect: Q417 (.replace(obeyed, escape) -> )
};

const unreadable = '{"level":50,"msg":"a log entry could not be redacted and was dropped"}\n';

/**
 * Masks secrets in a finished line of the log. It sees what every logger writes: child loggers with their bindings and
 * their own serialisers, messages, errors. A line that cannot be read is dropped: better silent than leaking.
 */
export const redactLine = (line: string): string => {
  try {
    return `${redactJson(line)}\n`;
  } catch {
    return unreadable;
  }
};

/** Masks secrets in any value on its way to a metric, a trace or another system. Circular members are left out. */
export const redact = (value: unknown): unknown => {
  const path: unknown[] = [];
  const json = JSON.stringify(value, function acyclic(this: unknown, _key: string, member: unknown) {
    while (path.length > 0 && path.at(-1) !== this) path.pop();
    if (typeof member !== 'object' || member === null) return member;
    if (path.includes(member)) return '[circular]';
    path.push(member);
    return member;
  });
  return json === undefined ? undefined : JSON.parse(redactJson(json));
};
