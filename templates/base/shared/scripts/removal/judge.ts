import type { Guard } from './guards.ts';
import type { FileRun } from './run-tests.ts';

/** The tests of one attack file, as they passed before anything was taken out. */
export interface AttackFile {
  readonly file: string;
  readonly benign: readonly string[];
  readonly attacks: readonly Attack[];
  /** Why it proves nothing: it is red, or breaks off, before anything is taken out. Empty when all is well. */
  readonly broken: string;
}

export interface Attack {
  readonly item: string;
  readonly name: string;
}

/** What taking one guard out showed. */
export interface Verdict {
  readonly guard: Guard;
  readonly ok: boolean;
  /** True when no attack here is about it: its protection is not part of this project. */
  readonly skipped?: boolean;
  /** The attacks that noticed, and how: by assertion, by timeout, by another error. */
  readonly noticedBy: readonly { readonly attack: string; readonly how: string }[];
  /** Why it is not ok; empty when it is. */
  readonly problem: string;
}

const attackName = /^attack ([A-Z]+\d+): /;

/** Sorts the tests of a run without any removal. */
export const baseline = (file: string, { outcomes, complete, output }: FileRun): AttackFile => {
  const red = outcomes.filter((outcome) => !outcome.passed).map(({ name, message }) => `${name}: ${message}`);
  const failure = red.length === 0 ? output : red.join('; ');
  const broken = red.length > 0 || !complete || outcomes.length === 0;
  const names = outcomes.map(({ name }) => name);
  return {
    file,
    broken: broken ? `${file} fails before anything is taken out: ${failure}` : '',
    benign: names.filter((name) => name.startsWith('benign: ')),
    attacks: names.flatMap((name) => {
      const item = attackName.exec(name)?.[1];
      return item === undefined ? [] : [{ item, name }];
    }),
  };
};

/** A removal is noticed when an attack on one of its items fails, and fair when every benign use still passes. */
export const judge = (guard: Guard, runs: readonly { readonly attacks: AttackFile; readonly run: FileRun }[]): Verdict => {
  const outcomes = runs.flatMap(({ run }) => run.outcomes);
  const passed = new Set(outcomes.filter((outcome) => outcome.passed).map(({ name }) => name));
  const noticedBy = outcomes
    .filter(({ name, passed: survived }) => !survived && guard.items.includes(attackName.exec(name)?.[1] ?? ''))
    .map(({ name, how }) => ({ attack: name, how }));
  const brokenUses = runs.flatMap(({ attacks }) => attacks.benign.filter((name) => !passed.has(name)));
  return { guard, noticedBy, ...verdictOf(noticedBy.length, brokenUses, runs) };
};

const verdictOf = (noticed: number, brokenUses: readonly string[], runs: readonly { readonly run: FileRun }[]): { ok: boolean; problem: string } => {
  if (brokenUses.length > 0) {
    const failure = runs.flatMap(({ run }) => run.outcomes).find(({ name, passed }) => !passed && !attackName.test(name));
    const reason = failure?.message ?? runs.map(({ run }) => run.output.trim().split('\n').at(-1)).join(' ');
    return { ok: false, problem: `not a fair removal, honest use breaks: ${brokenUses[0]}${reason === '' ? '' : ` (${reason})`}` };
  }
  if (noticed > 0) return { ok: true, problem: '' };
  const hung = runs.some(({ run }) => !run.complete);
  return { ok: false, problem: hung ? 'the tests hung and were killed: no attack failed by itself' : 'no attack noticed' };
};
