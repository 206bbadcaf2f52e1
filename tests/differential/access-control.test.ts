import fastJsonStringify from 'fast-json-stringify';
import Type, { type TSchema } from 'typebox';
import { describe, expect, test } from 'vitest';
import { compileProjection } from '../../templates/protections/access-control/projection.ts';

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const random = randomNumbers(7);
const below = (limit: number): number => Math.floor(random() * limit);

/** A closed schema and a value that fits it, but has members and depths that the schema does not name. */
const sample = (depth: number): { schema: TSchema; value: unknown } => {
  const kind = depth === 0 ? below(4) : below(6);
  if (kind === 0) return { schema: Type.String(), value: `text "${below(1000)}" \u2028 é` };
  if (kind === 1) return { schema: Type.Integer(), value: below(1_000_000) };
  if (kind === 2) return { schema: Type.Boolean(), value: random() < 0.5 };
  if (kind === 3) return { schema: Type.Null(), value: null };
  return kind === 4 ? sampleArray(depth) : sampleObject(depth);
};

const sampleArray = (depth: number): { schema: TSchema; value: unknown } => {
  const { schema, value } = sample(depth - 1);
  return { schema: Type.Array(schema), value: Array.from({ length: below(4) }, () => value) };
};

const sampleObject = (depth: number): { schema: TSchema; value: unknown } => {
  const members = Array.from({ length: 1 + below(4) }, (_, index) => ({ name: `member${index}`, ...sample(depth - 1), absent: random() < 0.2 }));
  const properties = members.map(({ name, schema, absent }) => [name, absent ? Type.Optional(schema) : schema] as const);
  const values = members.filter(({ absent }) => !absent).map(({ name, value }) => [name, value] as const);
  const undeclared = { passwordHash: 'canary', nested: { token: ['canary'] }, constructor: 'canary' };
  return {
    schema: Type.Object(Object.fromEntries(properties), { additionalProperties: false }),
    value: { ...undeclared, ...Object.fromEntries(values) },
  };
};

describe('what leaves the app, against fast-json-stringify', () => {
  test('the same members of 500 random values under random closed schemas', () => {
    for (let round = 0; round < 500; round += 1) {
      const { schema, value } = sampleObject(3);
      const ours = JSON.stringify(compileProjection(schema, 'GET /')(value));
      const theirs = fastJsonStringify(JSON.parse(JSON.stringify(schema)))(value);
      expect(JSON.parse(ours)).toEqual(JSON.parse(theirs));
      expect(ours).not.toContain('canary');
    }
  });

  test('stricter where the library converts: a value of another type is an error, not a text', () => {
    const schema = Type.Object({ id: Type.String() }, { additionalProperties: false });
    expect(fastJsonStringify(JSON.parse(JSON.stringify(schema)))({ id: 5 })).toBe('{"id":"5"}');
    expect(() => compileProjection(schema, 'GET /')({ id: 5 })).toThrow('Internal Server Error');
  });

  test('stricter where the library lets everything through: an open object refuses to boot', () => {
    const open = Type.Object({ id: Type.String() }, { additionalProperties: true });
    expect(fastJsonStringify(JSON.parse(JSON.stringify(open)))({ id: '1', secret: 'canary' })).toContain('canary');
    expect(() => compileProjection(open, 'GET /')).toThrow('not closed');
  });
});
