import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/errors.ts';
import { parseLock } from '../../src/lock.ts';
import { parseJournal } from '../../src/journal.ts';

const digest = 'a'.repeat(64);
const good = {
  format: 1,
  version: '0.1.0',
  name: 'my-app',
  target: 'express',
  packageManager: 'npm',
  pinNode: true,
  protections: ['alpha', 'beta'],
  options: { beta: { max: 5 } },
  files: { 'src/app.ts': digest },
};
const hostilePaths = [
  '../x', 'a/../../x', '/etc/passwd', 'C:/x', 'c:x', '~/x', '\\\\host\\x', 'a\\..\\x', '.git/hooks/post-checkout', 'a/.GIT/config',
  'a//b', './a', 'a/.', '', 'a\0b', 'a\nb', 'con', 'a/nul.txt', 'a./b', 'a /b', 'x:stream', 'a\u202eb', 'x'.repeat(401),
];

describe('the lock is untrusted', () => {
  test('a good one is read', () => expect(parseLock(JSON.stringify(good)).state.protections).toEqual(['alpha', 'beta']));

  test.each(hostilePaths)('the path %j is refused', (path) => {
    expect(() => parseLock(JSON.stringify({ ...good, files: { [path]: digest } }))).toThrow(Refusal);
  });

  test('the path .secure-app/lock.json is refused', () => {
    expect(() => parseLock(JSON.stringify({ ...good, files: { '.secure-app/lock.json': digest } }))).toThrow("tool's own");
  });

  const broken: [string, unknown][] = [
    ['no object', []],
    ['an unknown field', { ...good, extra: 1 }],
    ['another format', { ...good, format: 2 }],
    ['an unknown target', { ...good, target: 'koa' }],
    ['a target from Object.prototype', { ...good, target: 'constructor' }],
    ['unsorted protections', { ...good, protections: ['beta', 'alpha'] }],
    ['a protection twice', { ...good, protections: ['alpha', 'alpha'] }],
    ['a protection that is a path', { ...good, protections: ['../x'] }],
    ['options of what is not there', { ...good, options: { gamma: {} } }],
    ['an option that is an object', { ...good, options: { beta: { max: {} } } }],
    ['a name that is code', { ...good, name: "a';x" }],
    ['a digest that is none', { ...good, files: { 'src/app.ts': 'abc' } }],
    ['a version that is none', { ...good, version: '$(id)' }],
  ];
  test.each(broken)('%s is refused', (_, data) => expect(() => parseLock(JSON.stringify(data))).toThrow(Refusal));

  test('__proto__ as a key reaches no prototype', () => {
    const text = JSON.stringify(good).replace('"beta":{"max":5}', '"__proto__":{"polluted":1}');
    expect(() => parseLock(text)).toThrow(Refusal);
    expect('polluted' in {}).toBe(false);
  });

  test('what is no JSON is refused', () => expect(() => parseLock('{')).toThrow(Refusal));
});

describe('the journal is untrusted', () => {
  test.each(hostilePaths)('the path %j is refused', (path) => {
    expect(() => parseJournal(JSON.stringify({ format: 1, put: [], remove: [{ path, before: digest }] }))).toThrow(Refusal);
    expect(() => parseJournal(JSON.stringify({ format: 1, put: [{ path, before: null }], remove: [] }))).toThrow(Refusal);
  });
});
