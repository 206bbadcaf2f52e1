import validator from 'validator';
import { describe, expect, test } from 'vitest';
import { maskCardNumbers, passesLuhn } from '../../templates/protections/logging/card-numbers.ts';
import { mask, maskText } from '../../templates/protections/logging/patterns.ts';

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const random = randomNumbers(470);
const digits = (length: number): string => Array.from({ length }, () => Math.floor(random() * 10)).join('');
const base64url = (length: number): string => Array.from({ length }, () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.charAt(Math.floor(random() * 64))).join('');

/** What the schemes issue; validator's own pattern for Mastercard has no end and takes any length. */
const schemes = [
  ['4', 16], ['4', 13], ['51', 16], ['55', 16], ['2221', 16], ['2720', 16], ['34', 15], ['37', 15], ['6011', 16], ['65', 16], ['36', 14], ['35', 16], ['62', 16],
] as const;

describe('secrets without a telling name, against validator', () => {
  test('every card number that validator knows is masked, in a run and in groups', () => {
    let cards = 0;
    for (let round = 0; round < 200_000; round += 1) {
      const [prefix = '', length = 0] = schemes[round % schemes.length] ?? [];
      const number = prefix + digits(length - prefix.length);
      if (!validator.isCreditCard(number)) continue;
      cards += 1;
      const grouped = number.replace(/(\d{4})(?=\d{3})/g, '$1 ');
      for (const written of [number, grouped, grouped.replaceAll(' ', '-')]) expect(maskCardNumbers(`paid with ${written}.`, mask)).toBe(`paid with ${mask}.`);
    }
    expect(cards).toBeGreaterThan(1000);
  });

  test('the check digit agrees', () => {
    for (let round = 0; round < 20_000; round += 1) {
      const number = digits(13 + (round % 7));
      expect(passesLuhn(number), number).toBe(validator.isLuhnNumber(number));
    }
  });

  test('every text that validator takes for a JWT is masked, when its header is JSON', () => {
    for (let round = 0; round < 5000; round += 1) {
      const jwt = `eyJ${base64url(20)}.${base64url(40)}.${base64url(43)}`;
      if (!validator.isJWT(jwt)) continue;
      expect(maskText(`token ${jwt} of`), jwt).not.toContain(jwt.slice(8));
    }
  });
});
