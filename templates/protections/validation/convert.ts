import type { TSchema } from 'typebox';
import { keyword, membersOf, propertiesOf } from './keywords.ts';

type Convert = (text: string) => unknown;

/** How one parameter of a path or a query is read. */
export interface Field {
  /** Declared as an array: the only case in which a name may stand twice. */
  readonly repeatable: boolean;
  /** The text as a value of the declared type, or the text itself, which the schema then refuses. */
  readonly convert: Convert;
}

const integer = /^(?:0|-?[1-9]\d{0,15})$/;
const decimal = /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?$/;

const asIs: Convert = (text) => text;
// One spelling for each number: `0x10`, ` 5`, `1e9`, `+5` and `05` stay text.
const toInteger: Convert = (text) => (integer.test(text) ? Number(text) : text); // protect: G9 (integer.test(text) -> text !== '')
const toNumber: Convert = (text) => (decimal.test(text) ? Number(text) : text);
const toBoolean: Convert = (text) => (text === 'true' ? true : text === 'false' ? false : text);

const byType: Readonly<Record<string, Convert>> = { integer: toInteger, number: toNumber, boolean: toBoolean };

/** The fields of a closed object schema, by name. */
export const fieldsOf = (schema: TSchema | undefined): ReadonlyMap<string, Field> =>
  new Map(schema === undefined ? [] : propertiesOf(schema).map(([name, property]) => [name, fieldOf(property)]));

const fieldOf = (schema: object): Field => {
  const items = keyword(schema, 'items');
  const repeatable = keyword(schema, 'type') === 'array';
  return {
    repeatable,
    convert: repeatable ? (typeof items === 'object' && items !== null ? converterOf(items) : asIs) : converterOf(schema),
  };
};

const converterOf = (schema: object): Convert => {
  const constant = keyword(schema, 'const');
  if (constant !== undefined) return byType[typeof constant] ?? asIs;
  const members = membersOf(schema, 'anyOf').map(converterOf);
  if (members.length > 0) return firstThatConverts(members);
  return byType[String(keyword(schema, 'type'))] ?? asIs;
};

/** For a union: the first member that makes something else than text of it. */
const firstThatConverts =
  (members: readonly Convert[]): Convert =>
  (text) => {
    for (const convert of members) {
      const value = convert(text);
      if (value !== text) return value;
    }
    return text;
  };
