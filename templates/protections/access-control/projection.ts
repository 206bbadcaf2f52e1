import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Problem } from '../app-core/problem.ts';
import { keyword, membersOf, propertiesOf } from '../validation/keywords.ts';

type Project = (value: unknown) => unknown;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * Compiles what may leave the app: members that the schema declares, nothing else, at every level.
 * @param place where the schema stands, for the message.
 * @returns a function that throws Problem 500 for a value that does not fit; the cause names the place, never the value.
 * @throws Error at boot for a schema that is not closed, or that says less than what leaves (CWE-213).
 */
export const compileProjection = (schema: TSchema | undefined, place: string): Project => {
  if (schema === undefined) throw new Error(`${place} has no schema for its answer.`);
  const project = projectionOf(schema, place);
  const validator = Compile(schema);
  return (value) => {
    const projected = project(value);
    if (!validator.Check(projected)) throw misfit(place, validator.Errors(projected)[0]?.instancePath); // protect: Q455
    return projected;
  };
};

const misfit = (place: string, path = '/'): Problem =>
  new Problem(500, { cause: new Error(`The answer of ${place} does not fit its schema at ${path}.`) });

const scalars = ['string', 'number', 'integer', 'boolean', 'null'];

const projectionOf = (schema: object, place: string): Project => {
  const members = membersOf(schema, 'anyOf');
  if (members.length > 0) return projectUnion(members, place);
  const type = keyword(schema, 'type');
  if (type === 'object') return projectObject(schema, place);
  if (type === 'array') return projectArray(schema, place);
  if (scalars.includes(String(type)) || keyword(schema, 'const') !== undefined || Array.isArray(keyword(schema, 'enum')))
    return (value) => value;
  // protect: Q455
  throw new Error(`${place} answers with a schema that does not say what leaves: use closed objects, arrays, unions and scalars.`);
};

const projectObject = (schema: object, place: string): Project => {
  const closed = keyword(schema, 'additionalProperties') === false && keyword(schema, 'patternProperties') === undefined;
  if (!closed) throw new Error(`${place} answers with an object that is not closed: add \`additionalProperties: false\`.`); // protect: Q455
  const members = propertiesOf(schema).map(([name, property]) => [name, projectionOf(property, `${place}/${name}`)] as const);
  return (value) => {
    if (!isObject(value)) return value;
    const result: Record<string, unknown> = {};
    for (const [name, project] of members) {
      const member: unknown = Reflect.get(value, name);
      if (member !== undefined) result[name] = project(member);
    }
    return result;
  };
};

const projectArray = (schema: object, place: string): Project => {
  const [items] = membersOf(schema, 'items');
  if (items === undefined) throw new Error(`${place} answers with an array that does not say of what.`);
  const project = projectionOf(items, `${place}/*`);
  return (value) => (Array.isArray(value) ? value.map(project) : value);
};

/** The first member that the value fits, once reduced to it. */
const projectUnion = (members: readonly object[], place: string): Project => {
  const options = members.map((member) => ({ project: projectionOf(member, place), validator: Compile(member) }));
  return (value) => {
    for (const { project, validator } of options) {
      const projected = project(value);
      if (validator.Check(projected)) return projected;
    }
    throw misfit(place);
  };
};
