import { commonPasswords } from './common-passwords.ts';

const common = new Set(commonPasswords.split(/\s+/));

/** What fingers run along. */
const rows = [
  '0123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  '1234567890qwertyuiopasdfghjklzxcvbnm',
];

/** The rows in both directions, begun anew at their ends. */
const runs = rows.flatMap((row) => [row, row.split('').toReversed().join('')]).map((row) => row.repeat(4));

/** The shortest text that `text` repeats; `text` itself when it repeats nothing. */
const unitOf = (text: string): string => {
  const at = `${text}${text}`.indexOf(text, 1);
  return text.slice(0, at);
};

/**
 * True for what is tried first: one of the most used passwords in any case, such a one or a few signs over and over, a run
 * along the keyboard (ASVS V6.2.4).
 */
export const isCommon = (password: string): boolean => {
  const text = password.toLowerCase(); // protect: Q416 (password.toLowerCase() -> password)
  const unit = unitOf(text);
  const isShortUnit = unit !== text && /^[ -~]{1,4}$/.test(unit);
  return common.has(text) || common.has(unit) || isShortUnit || runs.some((run) => run.includes(text));
};
