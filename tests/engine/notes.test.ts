import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { readNoteState } from '../../scripts/notes.ts';
import { type Current, noteProblems } from '../../scripts/notes/check.ts';
import { type Notes, notesBetween, compareVersions } from '../../src/notes.ts';

const state = await readNoteState();

describe('changes of this repo', () => {
  test('what changed since the last release is told', () => expect(noteProblems(state.current, state.released)).toEqual([]));

  test('CHANGELOG.md is written from the notes: npm run changelog', () => {
    expect(readFileSync(path.join(repositoryRoot, 'CHANGELOG.md'), 'utf8')).toBe(state.changelog);
  });
});

describe('the check', () => {
  const released = { version: '1.0.0', parts: { 'protections/gate': { since: '1.0.0', digest: 'a' }, base: { since: '1.0.0', digest: 'b' } } };
  const fix = { version: '1.1.0', kind: 'security', severity: 'high', items: ['Q1'], what: 'It is shut.', why: 'It stood open.' } as const;
  const current: Current = { version: '1.1.0', digests: { 'protections/gate': 'changed', base: 'b' }, items: { 'protections/gate': ['Q1'] }, notes: { 'protections/gate': [fix] } };

  test('a change with its entry, and a new part without one, may be released', () => {
    expect(noteProblems({ ...current, digests: { ...current.digests, 'protections/new': 'c' } }, released)).toEqual([]);
  });

  test.each<[string, Partial<Current>, RegExp]>([
    ['bytes that changed without an entry', { notes: {} }, /protections\/gate changed since 1\.0\.0: say what/],
    ['bytes that changed with an entry of an earlier version', { notes: { 'protections/gate': [{ ...fix, version: '1.0.0' }] } }, /say what and why/],
    ['bytes that changed under the version that is out', { version: '1.0.0', notes: {} }, /raise "version"/],
    ['an entry of a version to come', { notes: { 'protections/gate': [fix, { ...fix, version: '2.0.0' }] } }, /newer than 1\.1\.0/],
    ['an entry without a reason', { notes: { 'protections/gate': [{ ...fix, why: ' ' }] } }, /what and why must be said/],
    ['a security fix of no item', { notes: { 'protections/gate': [{ ...fix, items: [] }] } }, /names the items/],
    ['a security fix of an item it has not', { notes: { 'protections/gate': [{ ...fix, items: ['Q2'] }] } }, /no item Q2/],
    ['a part that is gone, unsaid', { version: '1.0.0', digests: { 'protections/gate': 'a' }, notes: {} }, /base is gone/],
  ])('%s is a problem', (_, parts, problem) => {
    expect(noteProblems({ ...current, ...parts }, released).join('\n')).toMatch(problem);
  });
});

describe('versions', () => {
  test('are ordered as semver orders them', () => {
    const ordered = ['0.9.10', '0.10.0', '1.0.0-alpha', '1.0.0-beta', '1.0.0', '1.0.1', '2.0.0'];
    expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered);
  });

  test('an app is told what its parts changed behind its version, and no more', () => {
    const change = (version: string) => ({ version, kind: 'fix', what: version, why: 'because' }) as const;
    const notes: Notes = { a: [change('1.0.0'), change('1.2.0'), change('2.0.0')], b: [change('1.1.0')], c: [change('1.1.0')] };
    expect(notesBetween(notes, new Map([['a', '1.0.0'], ['b', '1.0.0']]), '1.2.0').map(({ part, version }) => `${part} ${version}`)).toEqual(['b 1.1.0', 'a 1.2.0']);
  });
});
