import type { Guard } from './guards.ts';
import { type Outcome, isAttack } from './outcome.ts';
import type { FileRun } from './warm-worker.ts';

/** The tests about some items in one file, as they passed before anything was taken out. */
export interface Proven {
  readonly file: string;
  readonly benign: readonly string[];
  readonly attacks: readonly Outcome[];
  /** How long they took. */
  readonly ms: number;
  /** How long the slowest of them took, ms. */
  readonly slowest: number;
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

/** Judges a run without any removal. */
export const baseline = (file: string, { outcomes, complete, output, left }: FileRun, ms: number): Proven => {
  const red = outcomes.filter((outcome) => !outcome.passed).map(({ name, message }) => `${name}: ${message}`);
  const attacks = outcomes.filter(({ name }) => isAttack(name));
  const sound = red.length === 0 && complete && attacks.length > 0;
  const benign = outcomes.filter(({ name }) => name.startsWith('benign: ')).map(({ name }) => name);
  const slowest = Math.max(0, ...outcomes.map((outcome) => outcome.ms));
  return { file, ms, slowest, left, benign, attacks, broken: sound ? '' : `${file} fails before anything is taken out: ${red.length === 0 ? output : red.join('; ')}` };
};

/**
 * The attacks that are likely to notice that a guard is gone: those in which every branch of it ran, such as the refusal;
 * else those in which it ran at all. None when that is most of them. A test that starts other processes, or reads files, is
 * never among them.
 */
export const likely = ({ attacks }: Proven, { file, line }: Guard): string[] => {
  const place = `${file}:${line}`;
  const wholly = attacks.filter(({ reached }) => reached?.wholly.includes(place));
  const reaching = wholly.length > 0 ? wholly : attacks.filter(({ reached }) => reached?.partly.includes(place));
  return reaching.length > attacks.length / 2 ? [] : reaching.map(({ name }) => name);
};

const benignThatBreak = (benign: readonly string[], outcomes: readonly Outcome[]): string[] => {
  const passed = new Set(outcomes.filter((outcome) => outcome.passed).map(({ name }) => name));
  return benign.filter((name) => !passed.has(name));
};

/** A removal is noticed when an attack fails, and fair when every benign use still passes. */
export const judge = (guard: Guard, { file, benign }: Proven, { outcomes, complete, output, left }: FileRun): Verdict => {
  const failure = outcomes.find(({ name, passed }) => isAttack(name) && !passed);
  const noticedBy = failure === undefined ? undefined : { file, attack: failure.name, how: failure.how };
  const [broken] = benignThatBreak(benign, outcomes);
  if (broken !== undefined) {
    const reason = outcomes.find(({ name, passed }) => !passed && !isAttack(name))?.message ?? output.trim().split('\n').at(-1) ?? '';
    return { guard, ok: false, noticedBy, problem: `not a fair removal, honest use breaks: ${broken}${reason === '' ? '' : ` (${reason})`}` };
  }
  if (noticedBy !== undefined) return { guard, ok: true, noticedBy, problem: '' };
  const ending = complete ? 'their process broke down' : 'the tests hung and were killed';
  return { guard, ok: false, noticedBy, problem: left === Infinity ? `${ending}: no attack failed by itself` : 'no attack noticed' };
};
