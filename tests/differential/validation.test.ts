import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import safeRegex from 'safe-regex2';
import secureJson from 'secure-json-parse';
import Format from 'typebox/format';
import { describe, test } from 'vitest';
import { Problem } from '../../templates/protections/app-core/problem.ts';
import { isEmail, registerFormats } from '../../templates/protections/validation/formats.ts';
import { parseJson } from '../../templates/protections/validation/json.ts';
import { patternRisk } from '../../templates/protections/validation/pattern.ts';
import { parseQuery } from '../../templates/protections/validation/query.ts';

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** The value, or the rule by which a Problem refused. */
const outcome = (run: () => unknown): { readonly value?: unknown; readonly refused?: unknown } => {
  try {
    return { value: run() };
  } catch (error) {
    return { refused: error instanceof Problem ? error.extensions['rule'] : error };
  }
};

describe('JSON, against secure-json-parse and JSON.parse', () => {
  const random = randomNumbers(7);
  const pick = (values: readonly string[]): string => values[Math.floor(random() * values.length)] ?? '';
  const names = ['a', 'b', 'role', '__proto__', 'constructor', 'prototype', '\\u0061', '_\\u005fproto__', 'é', '\\"', ':', '{'];
  const scalars = [
    '0',
    '-1',
    '1.5',
    '1e3',
    '1e999',
    '9007199254740993',
    '"x"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\\\u0000"',
    '":{"',
    'true',
    'null',
    '""',
    '01',
    'nul',
  ];
  const space = (): string => pick(['', ' ', '\n', '\t']);
  const document = (depth: number): string => {
    const kind = random();
    if (depth === 0 || kind < 0.3) return pick(scalars);
    const size = Math.floor(random() * 3);
    if (kind < 0.6) return `[${space()}${Array.from({ length: size }, () => document(depth - 1)).join(`${space()},`)}]`;
    return `{${Array.from({ length: size }, () => `${space()}"${pick(names)}"${space()}:${document(depth - 1)}`).join(',')}${space()}}`;
  };
  const broken = (text: string): string =>
    random() < 0.1 ? text.slice(0, Math.floor(random() * text.length)) + pick(['', ',', '}', '"', ' x']) : text;

  test('what we accept, they accept with the same value; what they refuse, we refuse', () => {
    let accepted = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const text = broken(document(4));
      const ours = outcome(() => parseJson(Buffer.from(text)));
      const theirs = outcome(() => secureJson.parse(text));
      if ('value' in ours) {
        accepted += 1;
        assert.deepEqual(ours, { value: JSON.parse(text) }, text);
      }
      if ('refused' in theirs) assert.ok('refused' in ours, text);
      if ('refused' in ours && 'value' in theirs)
        assert.match(String(ours.refused), /^(?:unique-names|safe-number|no-nul|well-formed)$/, text);
    }
    assert.ok(accepted > 1000);
  });

  test('names are found repeated exactly when a reader with all of them sees fewer', () => {
    for (const [text, repeated] of [
      ['{"a":1,"b":{"a":1}}', false],
      ['{"a":":","b":"\\":{"}', false],
      ['{"a":1,"\\u0061":2}', true],
      ['[{"a":1},{"a":1}]', false],
      ['[{"a":{"b":1,"c":[{"d":1,"d":1}]}}]', true],
    ] as const) {
      assert.equal('refused' in outcome(() => parseJson(Buffer.from(text))), repeated, text);
    }
  });
});

describe('queries, against URLSearchParams', () => {
  const random = randomNumbers(11);
  const pieces = ['a', '+', '%20', '%41', '%2541', '%C3%A9', '=', 'é', '%26', '.', '[', ']', '%3D'];
  const fields = new Map([['q', { repeatable: true, convert: (text: string) => text }]]);

  test('every value that both read is the same', () => {
    for (let round = 0; round < 10_000; round += 1) {
      const value = (): string =>
        Array.from({ length: Math.floor(random() * 6) }, () => pieces[Math.floor(random() * pieces.length)] ?? '').join('');
      const search = Array.from({ length: 1 + Math.floor(random() * 3) }, () => `q=${value()}`).join('&');
      assert.deepEqual(parseQuery(search, fields)['q'], new URLSearchParams(search).getAll('q'), search);
    }
  });

  test('broken encoding, which URLSearchParams repairs, is refused', () => {
    for (const search of ['q=%', 'q=%zz', 'q=%ff', 'q=%c0%ae', 'q=%00'])
      assert.equal(outcome(() => parseQuery(search, fields)).refused, 'encoding', search);
  });
});

describe('formats, against ajv-formats in full mode', () => {
  registerFormats();
  const ajv = new Ajv({ strict: false });
  ajvFormats.default(ajv, { mode: 'full', formats: ['date', 'date-time', 'uuid', 'email', 'ipv4', 'ipv6'] });
  const theirs = (format: string) => ajv.compile({ type: 'string', format });

  test('dates: every day of a leap and a common year, and what is no day', () => {
    const check = theirs('date');
    for (const year of [1900, 2000, 2023, 2024]) {
      for (let month = 0; month <= 13; month += 1) {
        for (let day = 0; day <= 32; day += 1) {
          const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
          assert.equal(Format.Test('date', text), check(text), text);
        }
      }
    }
  });

  test('identifiers and addresses of machines', () => {
    const samples = [
      '127.0.0.1',
      '256.0.0.1',
      '1.2.3',
      '::1',
      'fe80::1',
      '1::2::3',
      '0b9d8f7e-1234-4321-8888-abcdefabcdef',
      '0b9d8f7e',
      '',
    ];
    for (const format of ['uuid', 'ipv4', 'ipv6']) {
      const check = theirs(format);
      for (const text of samples) assert.equal(Format.Test(format, text), check(text), `${format} ${text}`);
    }
  });

  test('mail addresses: ours are a part of theirs, without those that mail cannot reach', () => {
    const check = theirs('email');
    const random = randomNumbers(3);
    const pieces = ['a', 'b1', '.', '-', '+', '@', 'example', 'org', "'", ' ', '"', '_', 'ü', ','];
    const samples = ['a@b.co', 'a.b+c@d-e.example.org', "o'neil@example.org"];
    const some = (): string =>
      Array.from({ length: 1 + Math.floor(random() * 4) }, () => pieces[Math.floor(random() * pieces.length)] ?? '').join('');
    for (let round = 0; round < 20_000; round += 1) samples.push(`${some()}@${some()}.${random() < 0.5 ? 'org' : some()}`);
    let both = 0;
    for (const text of samples) {
      if (isEmail(text)) assert.ok(check(text), text);
      if (isEmail(text)) both += 1;
      else if (check(text)) assert.match(text, /@[^.]+$|^[^@]*"|\.\d+$/);
    }
    assert.ok(both > 20);
  });
});

describe('patterns, against safe-regex2', () => {
  test('what it calls unsafe, we refuse', () => {
    const patterns = [
      '(a+)+$',
      '^(a*)*$',
      '(x+x+)+y',
      '^(?:[a-z]+)*$',
      '(.*a){12}',
      '^([0-9]+)*:$',
      '(\\w+\\d*)+',
      '^a{1,3}$',
      '^\\d{4}$',
      '^[a-z]+$',
      '^(?:GET|POST)$',
    ];
    const unsafe = patterns.filter((pattern) => !safeRegex(pattern));
    assert.ok(unsafe.length > 3);
    assert.deepEqual(
      unsafe.filter((source) => patternRisk({ source }) === undefined),
      [],
    );
  });

  test('what it misses, we refuse: alternatives that overlap', () => {
    assert.ok(safeRegex('^(a|a)*$'));
    assert.notEqual(patternRisk({ source: '^(a|a)*$' }), undefined);
  });

  test('what it refuses without need, we take: a delimiter decides', () => {
    assert.equal(patternRisk({ source: '^[a-z]+(?:-[a-z]+)*$' }), undefined);
  });

  test('no pattern that we take needs long for a hostile text', () => {
    const atoms = ['a', 'b', '[ab]', '.', '\\d', 'a+', 'b*', '(?:a|b)', '(?:ab)*', '(?:a+b)+', '(?:a|ab)', '-', '(?:-a+)*'];
    const random = randomNumbers(5);
    let taken = 0;
    for (let round = 0; round < 3000; round += 1) {
      const body = Array.from({ length: 1 + Math.floor(random() * 4) }, () => atoms[Math.floor(random() * atoms.length)] ?? '').join('');
      const source = random() < 0.5 ? `^${body}$` : `^(?:${body})*$`;
      if (patternRisk({ source }) !== undefined) continue;
      taken += 1;
      const expression = new RegExp(source, 'u');
      const start = performance.now();
      for (const piece of ['a', 'b', 'ab', '-a', 'aab']) expression.test(`${piece.repeat(1000)}!`);
      assert.ok(performance.now() - start < 500, source);
    }
    assert.ok(taken > 100);
  });
});
