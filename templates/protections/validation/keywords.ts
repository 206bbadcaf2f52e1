/** Reads JSON schemas, whatever built them. */

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The value of a JSON schema keyword, unknown until looked at. */
export const keyword = (schema: object, name: string): unknown => Object.getOwnPropertyDescriptor(schema, name)?.value;

/** The properties of an object schema. */
export const propertiesOf = (schema: object): [string, object][] => {
  const properties = keyword(schema, 'properties');
  return isObject(properties) ? Object.entries(properties).filter((entry): entry is [string, object] => isObject(entry[1])) : [];
};

/** The schemas of a keyword that holds a list (`anyOf`), a map (`$defs`) or one schema (`items`). */
export const membersOf = (schema: object, name: string): object[] => {
  const value = keyword(schema, name);
  if (Array.isArray(value)) return value.filter(isObject);
  if (!isObject(value)) return [];
  return name === 'patternProperties' || name === '$defs' ? Object.values(value).filter(isObject) : [value];
};

const nesting = [
  'patternProperties',
  '$defs',
  'items',
  'prefixItems',
  'additionalProperties',
  'anyOf',
  'oneOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
];

/** The schemas directly inside a schema, with the name of the step. */
export const childrenOf = (schema: object): [string, object][] => [
  ...propertiesOf(schema),
  ...nesting.flatMap((name) => membersOf(schema, name).map((member): [string, object] => [name, member])),
];
