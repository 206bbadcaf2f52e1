/**
 * What compiled templates stand on: as much of Handlebars as they use, with the same answers. Handlebars itself takes
 * longer to load than all else that `create` does.
 */

/**
 * A name of the context.
 * @throws Error when there is none: templates are strict.
 */
export const lookup = (context: unknown, name: string): unknown => {
  if (typeof context !== 'object' || context === null) throw new Error(`A template names ${name} where nothing is.`);
  const found = Object.getOwnPropertyDescriptor(context, name);
  if (found === undefined) throw new Error(`A template names ${name}, which its context lacks.`);
  return found.value;
};

/**
 * What lands in the text.
 * @throws Error for a list or an object: that is `{{json value}}`.
 */
export const shown = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === undefined || value === null) return '';
  throw new Error('A template shows a list or an object; write {{json value}}.');
};

/** Whether `{{#if}}` holds: an empty list does not. */
export const holds = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value));

/** `{{#each}}`, of a list or of an object. */
export const each = (
  value: unknown,
  body: (item: unknown, key: string | number, isFirst: boolean, isLast: boolean) => string,
  otherwise: () => string,
): string => {
  if (typeof value !== 'object' || value === null) return otherwise();
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  if (entries.length === 0) return otherwise();
  return entries.map(([key, item], index) => body(item, key, index === 0, index === entries.length - 1)).join('');
};
