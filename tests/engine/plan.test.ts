import { describe, expect, test } from 'vitest';
import type { Catalogue } from '../../src/catalogue.ts';
import { UsageError } from '../../src/errors.ts';
import { defineProtection } from '../../src/manifest.ts';
import { parseOption, plan } from '../../src/plan.ts';
import { catalogue as real, wish } from './fixtures.ts';

const protection = (id: string, more: Partial<Parameters<typeof defineProtection>[0]> = {}) => ({
  files: [],
  manifest: defineProtection({ id, kind: 'option', group: 'G', title: id, summary: id, phase: 'limits', items: {}, notCovered: ['-'], ...more }),
});

/** A small catalogue of our own: what is asserted here must not change with the real one. */
const catalogue: Catalogue = {
  ...real,
  services: {},
  presets: { default: 'api', presets: { minimal: { summary: '', select: 'foundation' }, api: { summary: '', select: 'core' }, all: { summary: '', select: 'all' } } },
  protections: {
    alpha: protection('alpha', { requires: ['ground'] }),
    beta: protection('beta', {
      requires: ['alpha'],
      options: {
        max: { type: 'integer', default: 5, min: 1, max: 10, describe: '' },
        label: { type: 'string', default: 'x', pattern: '[a-z]+', maxLength: 5, describe: '' },
      },
    }),
    gamma: protection('gamma', { kind: 'core' }),
    ground: protection('ground', { foundation: true, kind: 'core' }),
  },
};
const chosen = (parts: Parameters<typeof wish>[0]): readonly string[] => plan(wish(parts), catalogue).protections;
const refusal = (parts: Parameters<typeof wish>[0]): string => {
  try {
    plan(wish(parts), catalogue);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('It was not refused.');
};

describe('the choice', () => {
  test('is the core by default', () => expect(chosen({})).toEqual(['gamma', 'ground']));
  test('brings what is required', () => expect(chosen({ preset: 'minimal', with: ['beta'] })).toEqual(['alpha', 'beta', 'ground']));
  test('leaves out what nobody needs', () => expect(chosen({ without: ['gamma'] })).toEqual(['ground']));
  test('is sorted, whatever the order of the flags', () => expect(chosen({ with: ['beta', 'alpha'] })).toEqual(chosen({ with: ['alpha', 'beta'] })));
  test('names who needs what is to be left out', () => expect(refusal({ with: ['beta'], without: ['alpha'] })).toContain('`beta` needs it'));
  test('keeps the foundation', () => expect(refusal({ without: ['ground'] })).toContain('cannot be left out'));
  test('says what was meant', () => expect(refusal({ with: ['gama'] })).toContain('Did you mean "gamma"?'));
  test('refuses a package manager that cannot bring the Node that the app needs', () => expect(refusal({ packageManager: 'yarn', pinNode: true })).toContain('Use a newer Node, or --pm npm'));
  test('refuses a name of Object.prototype', () => expect(refusal({ with: ['constructor'] })).toContain('there is no protection'));
  test('refuses an unknown preset', () => expect(refusal({ preset: 'toString' })).toContain('--preset'));
  test('refuses both at once', () => expect(refusal({ with: ['alpha'], without: ['alpha'] })).toContain('both name'));
});

describe('options', () => {
  const withBeta = { with: ['beta'] };
  test('have their defaults', () => expect(plan(wish(withBeta), catalogue).options).toEqual({ beta: { label: 'x', max: 5 } }));
  test('are set', () => expect(plan(wish({ ...withBeta, set: ['beta.max=7'] }), catalogue).options['beta']?.['max']).toBe(7));
  test.each(['beta.max=11', 'beta.max=1e1', 'beta.max=', 'beta.max=0x5', "beta.label=a'", 'beta.label=a\n', 'beta.label=toolong', 'beta.nope=1', 'beta', 'nope.max=1'])('refuse %j', (setting) => {
    expect(refusal({ ...withBeta, set: [setting] })).toContain('--set');
  });
  test('of what is not chosen are refused', () => expect(refusal({ set: ['beta.max=7'] })).toContain('is not chosen'));
  test('that are a choice are one of them', () => {
    expect(() => parseOption('x', 'c', { type: 'choice', default: 'a', choices: ['a', 'b'], describe: '' })).toThrow('a or b');
  });
});

describe('the name', () => {
  const hostile = ['', '.', '..', 'a/b', '../x', '/x', 'A', 'a b', '-a', '_a', 'a"b', "a'b", 'a`b', 'a${x}', 'a\nb', 'a\u202eb', 'node_modules', 'con', 'nul.txt', 'com1', 'constructor', 'typebox', 'a..b', 'x'.repeat(101)];
  test.each(hostile)('%j is refused', (name) => expect(refusal({ name })).toMatch(/name/));
  test.each(['a', 'my-app', 'my.app_2'])('%j is taken', (name) => expect(plan(wish({ name }), catalogue).name).toBe(name));
});
