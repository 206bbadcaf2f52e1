import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { isBreached } from './breached.ts';
import { isCommon } from './common.ts';
import { contextWords, isMadeOfContext } from './context-words.ts';

/** The longest password, in code points. What is longer is refused, never cut: what is cut off protects nothing. */
export const longestPassword = 256;

/** Why a password cannot be chosen. */
export type PasswordFault = 'length' | 'common' | 'context' | 'breached' | 'same';

const sentences: Readonly<Record<PasswordFault, string>> = {
  length: 'This password is too short. Four or five words that have nothing to do with each other make a good one.',
  common: 'This password is one of those that are tried first.',
  context: 'This password is made of names that are tried here first.',
  breached: 'This password stood in a leak, so that others know it.',
  same: 'This is the password as it is.',
};

/** 422 with the reason, for the form and for programs: `{ code: 'password_refused', rule: 'length', minimum: 15 }`. */
export const passwordRefused = (rule: PasswordFault, minimum?: number): Problem =>
  new Problem(422, { detail: sentences[rule], extensions: { code: 'password_refused', rule, ...(minimum === undefined ? {} : { minimum }) } });

/** Whose password it will be. */
export interface Owner {
  readonly email: string;
  readonly hasSecondFactor: boolean;
}

/**
 * Sees to it that a password can be chosen: long enough, and none that attackers try first. Any characters, in any mixture; it is
 * taken exactly as it was typed (ASVS V6.2.5, V6.2.8, NIST SP 800-63B-4 section 3.1.1).
 * @throws Problem 422 that says why not.
 */
export const assertAcceptable = async (app: AppContext, password: string, { email, hasSecondFactor }: Owner): Promise<void> => {
  const { config } = app;
  const minimum = hasSecondFactor ? config.PASSWORD_MIN_LENGTH_WITH_SECOND_FACTOR : config.PASSWORD_MIN_LENGTH;
  // Code points: an emoji is one character to whoever types it.
  const { length } = Array.from(password); // protect: Q416 (Array.from(password) -> password)
  if (length < minimum || length > longestPassword) throw passwordRefused('length', minimum); // protect: Q416
  if (isCommon(password)) throw passwordRefused('common'); // protect: Q416
  if (isMadeOfContext(password, contextWords(config, email))) throw passwordRefused('context'); // protect: Q416
  if (await isBreached(app, password)) throw passwordRefused('breached'); // protect: Q416
};
