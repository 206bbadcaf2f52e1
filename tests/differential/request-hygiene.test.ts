import assert from 'node:assert/strict';
import { validateHeaderValue } from 'node:http';
import { create, parse } from 'content-disposition';
import { parseSetCookie, stringifySetCookie } from 'cookie';
import { Token, serializeInteger, serializeString, serializeToken } from 'structured-headers';
import { test } from 'vitest';
import { serializeCookie } from '../../templates/protections/request-hygiene/cookie.ts';
import {
  extendedParameter,
  headerValue,
  maxHeaderValueLength,
  structuredInteger,
  structuredString,
  structuredToken,
} from '../../templates/protections/request-hygiene/header-value.ts';

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const pieces = ['a', 'Z', '0', '-', '_', '.', '*', ' ', '"', '\\', '%', "'", '(', ')', ';', ',', '=', '/', ':', '\t', '\r', '\n', '\0', '\x7f', '\x85', 'é', 'ÿ', '€', '漢', '😀', '\ud800'];

/** Texts made of what breaks headers, with what does not. */
const texts = (count: number): string[] => {
  const random = randomNumbers(4_407);
  return Array.from({ length: count }, () => Array.from({ length: Math.floor(random() * 8) }, () => pieces[Math.floor(random() * pieces.length)]).join(''));
};

const outcome = <T>(run: () => T): T | 'refused' => {
  try {
    return run();
  } catch {
    return 'refused';
  }
};

test('a header value is taken exactly when Node can send it, but for C1 controls and length', () => {
  for (const text of texts(5_000)) {
    const node = outcome(() => validateHeaderValue('x', text)) !== 'refused';
    const c1 = /[\u0080-\u009f]/u.test(text);
    assert.equal(outcome(() => headerValue(text)) !== 'refused', node && !c1, JSON.stringify(text));
  }
  assert.equal(outcome(() => headerValue('x'.repeat(maxHeaderValueLength + 1))), 'refused');
});

test('a file name is read back by content-disposition as it was, and as what content-disposition writes', () => {
  for (const text of texts(3_000)) {
    const ours = outcome(() => `attachment; ${extendedParameter('filename', text)}`);
    if (ours === 'refused') {
      assert.ok(/\p{Cc}/u.test(text) || !text.isWellFormed(), JSON.stringify(text));
      continue;
    }
    const name = parse(ours).parameters['filename'];
    assert.equal(name, text, ours);
    if (text !== '' && !/[/\\]/.test(text)) assert.equal(parse(create(text)).parameters['filename'], name, ours);
  }
});

test('structured strings, tokens and integers are those of structured-headers', () => {
  for (const text of texts(5_000)) {
    assert.equal(outcome(() => structuredString(text)), outcome(() => serializeString(text)), JSON.stringify(text));
    assert.equal(outcome(() => structuredToken(text)), outcome(() => serializeToken(new Token(text))), JSON.stringify(text));
  }
  for (const value of [0, 1, -1, 999_999_999_999_999, 1e15, -1e15, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const theirs = outcome(() => serializeInteger(value));
    assert.equal(outcome(() => structuredInteger(value)), Number.isInteger(value) ? theirs : 'refused', String(value));
  }
});

test('a cookie is read back as it was, and says the same as what cookie writes', () => {
  const attributes = { path: '/a', maxAge: 60, domain: 'app.test', secure: true, httpOnly: true, sameSite: 'Strict' } as const;
  for (const text of texts(3_000)) {
    const ours = outcome(() => serializeCookie('a', text, attributes));
    const theirs = outcome(() => stringifySetCookie('a', text, { ...attributes, sameSite: 'strict' }));
    if (ours === 'refused' || theirs === 'refused') assert.equal(ours, theirs, JSON.stringify(text));
    else {
      assert.deepEqual(parseSetCookie(ours), parseSetCookie(theirs));
      assert.equal(parseSetCookie(ours).value, text);
    }
  }
});

test('a cookie name or attribute that is taken is one that cookie takes too', () => {
  for (const text of texts(3_000)) {
    if (outcome(() => serializeCookie(text, 'v')) !== 'refused') assert.notEqual(outcome(() => stringifySetCookie(text, 'v')), 'refused', JSON.stringify(text));
    if (outcome(() => serializeCookie('a', 'v', { path: `/${text}` })) === 'refused') continue;
    assert.notEqual(outcome(() => stringifySetCookie('a', 'v', { path: `/${text}` })), 'refused', JSON.stringify(text));
  }
});
