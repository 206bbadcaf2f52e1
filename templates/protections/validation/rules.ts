import type { Static, TSchema } from 'typebox';
import { ageOn } from './formats.ts';

/** What must hold between fields, beyond the shape of each. Pure: it sees the value and the time, nothing else. */
export interface Rule<T> {
  /** kebab-case; the answer to a refused request names it. */
  readonly name: string;
  /** JSON pointer of the field to correct, below the part, for example `/end`. */
  readonly path: string;
  /** One sentence for the documentation. */
  readonly says: string;
  /** `now` in ms since the epoch. */
  holds(value: T, now: number): boolean;
}

const rules = new WeakMap<object, readonly Rule<unknown>[]>();

/**
 * Attaches rules to the schema of a whole `params`, `query` or `body`. They run after the schema accepted the value.
 * @example body: ruled(closed({ start: date(), end: date() }), [inOrder('start', 'end')])
 */
export const ruled = <S extends TSchema>(schema: S, given: readonly Rule<Static<S>>[]): S => {
  rules.set(schema, [...rulesOf(schema), ...given]);
  return schema;
};

/** The rules of a schema, for the parser and for the documentation. */
export const rulesOf = (schema: object): readonly Rule<unknown>[] => rules.get(schema) ?? [];

/** `second` is not before `first`: for days as RFC 3339 text, whose order is that of the calendar. */
export const inOrder = <F extends string>(first: F, second: F): Rule<Record<F, string>> => ({
  name: `${first}-before-${second}`,
  path: `/${second}`,
  says: `\`${second}\` is not before \`${first}\`.`,
  holds: (value) => value[first] <= value[second],
});

/** At least `years` birthdays have passed. */
export const minimumAge = <F extends string>(field: F, years: number): Rule<Record<F, string>> => ({
  name: `minimum-age-${years}`,
  path: `/${field}`,
  says: `The person born on \`${field}\` is ${years} or older.`,
  holds: (value, now) => ageOn(value[field], now) >= years,
});
