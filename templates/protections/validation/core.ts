import Type, { type TProperties } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Clock } from '#src/http/clock.ts';
import { Problem } from '../app-core/problem.ts';
import type { Input, InputSchemas, RawInput } from '../app-core/route.ts';
import { type Field, fieldsOf } from './convert.ts';
import { registerFormats } from './formats.ts';
import { parseQuery } from './query.ts';
import { rulesOf } from './rules.ts';
import { assertStrict, declaredNames } from './schema-check.ts';

/** A closed object: a member that is not declared is refused, not dropped (CWE-915). */
export const closed = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false });

/**
 * Makes the parser of a route. What it returns has exactly the shape that the schemas declare: parameters of the path
 * and the query converted by their declared type, the body taken as it is and never coerced.
 * @throws Error at boot for schemas that are not strict; Problem 400, 414 or 422 for a request that does not fit.
 */
export const createCompileInput = (clock: Clock) => {
  registerFormats();
  return <I extends InputSchemas>(schemas: I): ((raw: RawInput) => Input<I>) => {
    assertStrict(schemas);
    const schema = closed(schemas);
    const validator = Compile(schema);
    const names = declaredNames(schema);
    const readParams = paramsReader(schemas);
    const readQuery = queryReader(schemas);
    const checkRules = rulesChecker(schemas, clock);
    return (raw) => {
      const value: Record<string, unknown> = {};
      const params = readParams(raw.params);
      if (params !== undefined) value['params'] = params;
      const query = readQuery(raw.search);
      if (query !== undefined) value['query'] = query;
      if (raw.body !== undefined) value['body'] = raw.body;
      if (!validator.Check(value)) throw describe(isLarge(value) ? [] : validator.Errors(value), names); // protect: Q413, Q453, Q468, G9
      checkRules?.(value);
      return value;
    };
  };
};

/** Parameters of the path count as declared by the path; a schema makes them visible to the handler. */
const paramsReader = ({ params: schema }: InputSchemas): ((raw: RawInput['params']) => Record<string, unknown> | undefined) => {
  if (schema === undefined) return () => undefined;
  const fields = fieldsOf(schema);
  return (raw) => {
    const values: Record<string, unknown> = {};
    for (const [name, text] of Object.entries(raw)) {
      if (text.includes('\0')) throw new Problem(400, { extensions: { path: `/params/${name}`, rule: 'encoding' } }); // protect: G9
      values[name] = fields.get(name)?.convert(text) ?? text;
    }
    return values;
  };
};

const noFields: ReadonlyMap<string, Field> = new Map();

/** A route that declares no query still reads it: an undeclared parameter is refused. */
const queryReader = ({ query: schema }: InputSchemas): ((search: string) => Record<string, unknown> | undefined) => {
  const fields = schema === undefined ? noFields : fieldsOf(schema);
  return (search) => {
    if (search === '' && schema === undefined) return undefined;
    const values = parseQuery(search, fields);
    return schema === undefined ? undefined : values;
  };
};

const rulesChecker = (schemas: InputSchemas, clock: Clock): ((value: Readonly<Record<string, unknown>>) => void) | undefined => {
  const rules = Object.entries(schemas).flatMap(([part, schema]) => rulesOf(schema).map((rule) => ({ part, rule })));
  if (rules.length === 0) return undefined;
  return (value) => {
    const now = clock.now();
    for (const { part, rule } of rules) {
      if (!rule.holds(value[part], now)) throw unacceptable(`/${part}${rule.path}`, rule.name); // protect: Q468
    }
  };
};

interface Fault {
  readonly keyword: string;
  readonly instancePath: string;
}

/** Beyond so many values the place of the fault is not looked for: to find it costs far more than to know of it (CWE-407). */
const MAX_EXPLAINED_VALUES = 2000;

const isLarge = (value: unknown): boolean => spend(value, MAX_EXPLAINED_VALUES) < 0;

/** What is left of `budget` when every value in `value` has cost 1. */
const spend = (value: unknown, budget: number): number => {
  let left = budget - 1;
  if (typeof value !== 'object' || value === null) return left;
  for (const member of Object.values(value)) {
    if (left < 0) break;
    left = spend(member, left);
  }
  return left;
};

/** Names the place and the rule, never the value: it may be a secret, and it is not ours to repeat (CWE-209). */
const describe = ([fault]: readonly Fault[], names: ReadonlySet<string>): Problem =>
  unacceptable(declaredPath(fault?.instancePath ?? '', names), fault?.keyword ?? 'schema');

const unacceptable = (path: string, rule: string): Problem =>
  new Problem(422, { detail: 'The input does not fit the schema of this action.', extensions: { path, rule } });

/** Names that the sender chose stand as `*`. */
const declaredPath = (pointer: string, names: ReadonlySet<string>): string =>
  pointer
    .split('/')
    .map((step) => (step === '' || names.has(step) || /^\d{1,6}$/.test(step) ? step : '*')) // protect: Q453
    .join('/');
