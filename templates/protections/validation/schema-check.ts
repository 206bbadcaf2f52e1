import type { TSchema } from 'typebox';
import Format from 'typebox/format';
import type { InputSchemas } from '../app-core/route.ts';
import { childrenOf, keyword, propertiesOf } from './keywords.ts';
import { patternRisk } from './pattern.ts';
import { rulesOf } from './rules.ts';

/** A text that a pattern is tried on is not longer than this. */
const MAX_PATTERN_LENGTH = 1024;

/** Query strings stand in logs, histories and Referer headers (ASVS V14.2.1, CWE-598). */
const credential =
  /^(?:access|refresh|id|auth|bearer|session)_?token$|^api_?key$|^pass(?:word|wd|phrase)?$|^(?:client_?)?secret$|^authorization$|^jwt$|^session(?:_?id)?$/i;

const prototypeNames = ['__proto__', 'constructor', 'prototype'];

/**
 * Looks at the input schemas of a route once, at boot.
 * @throws Error that names the place in the schema which lets in more than it says.
 */
export const assertStrict = (schemas: InputSchemas): void => {
  for (const [part, schema] of Object.entries(schemas)) checkNode(schema, part, false);
  const secret = propertiesOf(schemas.query ?? {}).find(([name]) => credential.test(name))?.[0];
  if (secret !== undefined) throw new Error(`The query has the credential \`${secret}\`, and URLs are logged: take it from the body.`); // protect: G9
};

const checkNode = (schema: object, path: string, closedAbove: boolean): void => {
  const fault = faultOf(schema, closedAbove);
  if (fault !== undefined) throw new Error(`The input schema is not strict: \`${path}\` ${fault}.`); // protect: Q413, Q453, Q468
  const closes = keyword(schema, 'unevaluatedProperties') === false;
  for (const [step, child] of childrenOf(schema)) {
    const place = `${path}/${step}`;
    if (rulesOf(child).length > 0) throw new Error(`The rules on \`${place}\` would not run: attach them to the whole part.`); // protect: Q468
    checkNode(child, place, closes && step === 'allOf');
  }
};

/** What is wrong with one level of a schema. */
const faultOf = (schema: object, closedAbove: boolean): string | undefined => {
  const closed = closedAbove || keyword(schema, 'additionalProperties') === false || keyword(schema, 'unevaluatedProperties') === false;
  if (keyword(schema, 'type') === 'object' && !closed) return 'lets undeclared members through: add `additionalProperties: false`';
  if (keyword(schema, '~kind') === 'Any') return 'accepts anything, unseen by the type checker';
  if (propertiesOf(schema).some(([name]) => prototypeNames.includes(name))) return 'declares a member that names a prototype';
  return textFaultOf(schema);
};

const textFaultOf = (schema: object): string | undefined => {
  const format = keyword(schema, 'format');
  if (format !== undefined && !(typeof format === 'string' && Format.Has(format))) return 'has a format that nothing checks';
  const pattern = keyword(schema, 'pattern');
  if (pattern === undefined) return undefined;
  if (!(Number(keyword(schema, 'maxLength')) <= MAX_PATTERN_LENGTH)) return `has a pattern but no \`maxLength\` up to ${MAX_PATTERN_LENGTH}`;
  const risk = patternRisk(pattern instanceof RegExp ? pattern : { source: typeof pattern === 'string' ? pattern : '(' });
  return risk === undefined ? undefined : `has a pattern that is not safe: ${risk}`;
};

/** Every member name that a schema declares, at any level. */
export const declaredNames = (schema: TSchema): ReadonlySet<string> => {
  const names = new Set<string>();
  const collect = (node: object): void => {
    for (const [name] of propertiesOf(node)) names.add(name);
    for (const [, child] of childrenOf(node)) collect(child);
  };
  collect(schema);
  return names;
};
