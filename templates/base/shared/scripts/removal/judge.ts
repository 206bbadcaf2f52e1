import type { Guard } from './guards.ts';
import type { Outcome } from './outcome.ts';
import type { FileRun } from './warm-worker.ts';

/** The tests about some items in one file, as they passed before anything was taken out. */
export interface Proven {
  readonly file: string;
  readonly benign: readonly string[];
  /** How long they took. */
  readonly ms: number;
  /** What they leave open in their process, as a number. */
  readonly left: number;
  /** Why they prove nothing: they are red, or break off, before anything is taken out. Empty when all is well. */
  readonly broken: string;
}

/** The first attack that noticed, and how: by assertion, by timeout, by another error. */
export interface Noticed {
  readonly file: string;
  readonly attack: string;
  readonly how: string;
}

/** What taking one guard out showed. */
export interface Verdict {
  readonly guard: Guard;
  readonly ok: boolean;
  /** True when no attack here is about it: its protection is not part of this project. */
  readonly skipped?: boolean;
  readonly noticedBy: Noticed | undefined;
  /** Why it is not ok; empty when it is. */
  readonly problem: string;
}

const isAttack = ({ name }: Outcome): boolean => name.startsWith('attack ');

/** Judges a run without any removal. */
export const baseline = (file: string, { outcomes, complete, output, left }: FileRun, ms: number): Proven => {
  const red = outcomes.filter((outcome) => !outcome.passed).map(({ name, message }) => `${name}: ${message}`);
  const sound = red.length === 0 && complete && outcomes.some(isAttack);
  const benign = outcomes.filter(({ name }) => name.startsWith('benign: ')).map(({ name }) => name);
  return { file, ms, left, benign, broken: sound ? '' : `${file} fails before anything is taken out: ${red.length === 0 ? output : red.join('; ')}` };
};

/** Whether it is already clear that an attack notices, and that honest use goes on: nothing more needs to run. */
export const noticed = ({ benign }: Pick<Proven, 'benign'>, outcomes: readonly Outcome[]): boolean =>
  outcomes.some((outcome) => isAttack(outcome) && !outcome.passed) && benignThatBreak(benign, outcomes).length === 0;

const benignThatBreak = (benign: readonly string[], outcomes: readonly Outcome[]): string[] => {
  const passed = new Set(outcomes.filter((outcome) => outcome.passed).map(({ name }) => name));
  return benign.filter((name) => !passed.has(name));
};

/** A removal is noticed when an attack fails, and fair when every benign use still passes. */
export const judge = (guard: Guard, { file, benign }: Proven, { outcomes, complete, output }: FileRun): Verdict => {
  const failure = outcomes.find((outcome) => isAttack(outcome) && !outcome.passed);
  const noticedBy = failure === undefined ? undefined : { file, attack: failure.name, how: failure.how };
  const [broken] = benignThatBreak(benign, outcomes);
  if (broken !== undefined) {
    const reason = outcomes.find((outcome) => !outcome.passed && !isAttack(outcome))?.message ?? output.trim().split('\n').at(-1) ?? '';
    return { guard, ok: false, noticedBy, problem: `not a fair removal, honest use breaks: ${broken}${reason === '' ? '' : ` (${reason})`}` };
  }
  if (noticedBy !== undefined) return { guard, ok: true, noticedBy, problem: '' };
  return { guard, ok: false, noticedBy, problem: complete ? 'no attack noticed' : 'the tests hung and were killed: no attack failed by itself' };
};
