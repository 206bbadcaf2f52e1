import { isUtf8 } from 'node:buffer';
import { Problem } from '../app-core/problem.ts';

/** Deeper documents are refused before they are parsed: recursion over them is a cheap way to hold a server busy. */
const MAX_DEPTH = 32;

/** Which types are JSON is decided where bodies are read; here it must be one type, and no other charset. */
const jsonType = /^[^;,]+(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

const refuse = (status: number, rule: string): never => {
  throw new Problem(status, { detail: 'The body is not acceptable JSON.', extensions: { path: '/body', rule } });
};

/**
 * Reads one JSON document so that every reader after this one sees the same data (RFC 8259, RFC 7493 I-JSON, CWE-436):
 * UTF-8 only, one value and nothing after it, no repeated member, no member that names a prototype, at most 32 levels,
 * numbers that JavaScript holds exactly, text that PostgreSQL can store.
 * @throws Problem 415 for another charset, 400 for a document that is no such JSON, 422 for a value that cannot be kept.
 */
export const parseJson = (body: Buffer, contentType = 'application/json'): unknown => {
  if (contentType !== 'application/json' && !jsonType.test(contentType)) refuse(415, 'media-type'); // protect: Q453
  if (looksLikeUtf16(body)) refuse(415, 'utf-8'); // protect: Q453
  if (!isUtf8(body)) refuse(400, 'utf-8'); // protect: Q453
  const members = countMembers(body);
  const text = body.toString('utf8');
  const value = parse(text);
  if (inspect(value, text.includes('\\u')) !== members) refuse(400, 'unique-names'); // protect: Q453
  return value;
};

/** JSON in UTF-16 or UTF-32 begins with a byte order mark, or has a zero byte beside its first character. */
const looksLikeUtf16 = (body: Buffer): boolean =>
  body[0] === 0 || body[1] === 0 || (body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff);

/** The message of a SyntaxError quotes the document, so it goes nowhere (CWE-209). */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(400, 'syntax');
  }
};

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * How many `name: value` pairs the document holds: one pass over its bytes, no recursion. In UTF-8 a byte below 128 is
 * always a character of its own. Whether it is JSON at all is not asked here.
 */
const countMembers = (body: Buffer): number => {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfString(body, at);
    else if (byte === COLON) members += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth += 1;
      if (depth > MAX_DEPTH) refuse(400, 'depth'); // protect: Q453
    }
  }
  return members;
};

const endOfString = (body: Buffer, start: number): number => {
  let at = start + 1;
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at;
};

/**
 * Refuses values that change on their way, and returns how many members the value has: fewer than the text had means
 * that a parser dropped one of two equal names. `escapes`: only an escape can hide NUL or half a character.
 */
const inspect = (value: unknown, escapes: boolean): number => {
  if (typeof value === 'string') {
    if (escapes) inspectText(value);
    return 0;
  }
  if (typeof value === 'number') {
    if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) refuse(422, 'safe-number'); // protect: Q453
    return 0;
  }
  if (typeof value !== 'object' || value === null) return 0;
  return Array.isArray(value) ? inspectEntries(value, escapes) : inspectMembers(value, escapes);
};

const inspectEntries = (entries: readonly unknown[], escapes: boolean): number => {
  let members = 0;
  for (const entry of entries) members += inspect(entry, escapes);
  return members;
};

const inspectMembers = (value: object, escapes: boolean): number => {
  let members = 0;
  for (const name of Object.keys(value)) {
    const member: unknown = Reflect.get(value, name);
    if (name === '__proto__') refuse(400, 'no-prototype'); // protect: Q419
    if (name === 'constructor' && hasPrototype(member)) refuse(400, 'no-prototype'); // protect: Q419
    if (escapes) inspectText(name);
    members += 1 + inspect(member, escapes);
  }
  return members;
};

const hasPrototype = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');

const inspectText = (text: string): void => {
  if (text.includes('\0')) refuse(422, 'no-nul'); // protect: Q453
  if (!text.isWellFormed()) refuse(422, 'well-formed'); // protect: Q453
};
