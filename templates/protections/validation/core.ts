import Type, { type TProperties } from 'typebox';
import { Compile } from 'typebox/compile';
import { Problem } from '../app-core/problem.ts';
import type { Input, InputSchemas, RawInput } from '../app-core/route.ts';

/** A closed object: a member that is not declared is refused, not dropped (CWE-915). */
export const closed = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false });

export const compileInput = <I extends InputSchemas>(schemas: I): ((raw: RawInput) => Input<I>) => {
  const validator = Compile(closed(schemas));
  return (raw) => {
    const value: unknown = Object.fromEntries(Object.keys(schemas).map((part) => [part, part === 'params' ? raw.params : part === 'body' ? raw.body : Object.fromEntries(new URLSearchParams(raw.search))]));
    if (!validator.Check(value)) throw new Problem(422);
    return value;
  };
};
