/** A run of digit groups, as cards are written: single spaces or dashes between three or more digits. Linear: each digit belongs to one run. */
const digitGroups = /\d{3,}(?:[ -]\d{3,})*/g;

const shortest = 13;
const longest = 19;

/** The check digit of payment cards (ISO/IEC 7812-1, annex B). */
export const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    const doubled = digit * 2;
    sum += place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
};

/** The lengths that the card schemes issue, by first digit: most order numbers and timestamps are none of these. */
const issued = /^(?:4(?:\d{12}|\d{15}|\d{18})|3\d{13,18}|2\d{15}|[56]\d{15,18})$/;

export const isCardNumber = (digits: string): boolean => issued.test(digits) && passesLuhn(digits);

/** Masks payment card numbers, written in one run or in groups. A number that fails the check digit stays as it is. */
export const maskCardNumbers = (text: string, mask: string): string =>
  text.replace(digitGroups, (run) => (run.length < shortest ? run : maskRun(run, mask)));

const maskRun = (run: string, mask: string): string => {
  const groups = run.split(/[ -]/);
  if (groups.length === 1) return isCardNumber(run) ? mask : run;
  const starts: number[] = [];
  let offset = 0;
  for (const group of groups) {
    starts.push(offset);
    offset += group.length + 1;
  }
  let masked = '';
  for (let first = 0; first < groups.length; ) {
    const last = lastGroupOfCard(groups, first);
    masked += last === undefined ? run.slice(starts[first], starts[first + 1]) : mask + run.slice((starts[last + 1] ?? run.length + 1) - 1, starts[last + 1]);
    first = (last ?? first) + 1;
  }
  return masked;
};

/** The index of the group that ends a card number beginning with group `first`. */
const lastGroupOfCard = (groups: readonly string[], first: number): number | undefined => {
  let digits = '';
  for (let last = first; last < groups.length && digits.length < longest; last += 1) {
    digits += groups[last] ?? '';
    if (isCardNumber(digits)) return last;
  }
  return undefined;
};
