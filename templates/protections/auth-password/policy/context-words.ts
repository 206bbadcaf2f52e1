import { domainToUnicode } from 'node:url';
import type { AppContext } from '#src/context.ts';

/** A shorter word stands in too many honest passwords. */
const shortest = 3;
/** Letters that must be left when the words are taken out. */
const mostLettersLeft = 7;

const wordsIn = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word.length >= shortest);

/** The words that an attacker tries because of where the password is for: host, names from the settings, the own address. */
export const contextWords = ({ BASE_URL, PASSWORD_CONTEXT_WORDS }: Pick<AppContext['config'], 'BASE_URL' | 'PASSWORD_CONTEXT_WORDS'>, email: string): string[] => {
  const words = [domainToUnicode(new URL(BASE_URL).hostname), ...PASSWORD_CONTEXT_WORDS, email].flatMap((text) => [
    ...wordsIn(text),
    ...wordsIn(text.replaceAll(/[^\p{L}\p{N}]/gu, '')),
  ]);
  return [...new Set(words)].toSorted((a, b) => b.length - a.length);
};

/**
 * True when a password is little more than such words: `acme-2026!!!!!!` is, `acme correct horse` is not. Years, digits, signs
 * and repeated letters are no secret; what else is left has to be one (ASVS V6.2.11).
 */
export const isMadeOfContext = (password: string, words: readonly string[]): boolean => {
  const text = password.toLowerCase();
  const left = words.reduce((rest, word) => rest.replaceAll(word, ' '), text);
  if (left === text) return false;
  const letters = left.replaceAll(/[^\p{L}]/gu, '').replaceAll(/(.)\1+/gu, '$1');
  return letters.length <= mostLettersLeft;
};
