import { type JSONPath, type ModificationOptions, type ParseError, applyEdits, findNodeAtLocation, modify, parse, parseTree } from 'jsonc-parser';
import type { Sides } from './sides.ts';

type Json = Readonly<Record<string, unknown>>;

/** What one side makes of a place in a document. */
interface Operation {
  readonly path: JSONPath;
  /** Undefined takes the place away. */
  readonly value: unknown;
  readonly options?: Pick<ModificationOptions, 'getInsertionIndex' | 'isArrayInsertion'>;
  readonly isConflict?: boolean;
}

/**
 * Merges JSON by key, also with comments: what theirs changed is put into ours, the rest of which stays byte for byte.
 * @returns nothing where one of the texts is no JSON.
 */
export const mergeJson = (base: string, ours: string, theirs: string): Sides | undefined => {
  const [b, o, t] = [read(base === '' ? '{}' : base), read(ours), read(theirs)];
  if (b === undefined || o === undefined || t === undefined) return undefined;
  const operations = changes(b.value, o.value, t.value, []);
  const clean = operations.filter(({ isConflict = false }) => !isConflict);
  return { mine: written(ours, clean), theirs: written(ours, operations) };
};

const read = (text: string): { readonly value: unknown } | undefined => {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  return errors.length > 0 ? undefined : { value };
};

const written = (text: string, operations: readonly Operation[]): string => {
  const [, indent = '  '] = /\n([ \t]+)\S/.exec(text) ?? [];
  const formattingOptions = { insertSpaces: !indent.startsWith('\t'), tabSize: indent.startsWith('\t') ? 1 : indent.length, eol: '\n' };
  return operations.reduce((result, { path, value, options }) => {
    const inline = options?.isArrayInsertion === true ? inlineInsertion(result, path, value) : undefined;
    return inline ?? applyEdits(result, modify(result, path, value, { formattingOptions, ...options }));
  }, text);
};

/** Into a list that stands on one line, which stays on it. */
const inlineInsertion = (text: string, path: JSONPath, value: unknown): string | undefined => {
  const root = parseTree(text);
  const list = root === undefined ? undefined : findNodeAtLocation(root, path.slice(0, -1));
  const place = path.at(-1);
  if (list === undefined || typeof place !== 'number' || text.slice(list.offset, list.offset + list.length).includes('\n')) return undefined;
  const [before, after] = [list.children?.[place - 1], list.children?.[place]];
  if (before === undefined && after === undefined) return undefined;
  const at = before === undefined ? (after?.offset ?? 0) : before.offset + before.length;
  return `${text.slice(0, at)}${before === undefined ? `${JSON.stringify(value)}, ` : `, ${JSON.stringify(value)}`}${text.slice(at)}`;
};

/** What theirs did to the base, where ours is. */
const changes = (base: unknown, ours: unknown, theirs: unknown, path: JSONPath): Operation[] => {
  if (isSame(base, theirs) || isSame(ours, theirs)) return [];
  if (isSame(base, ours)) return [{ path, value: theirs }];
  if (isObject(ours) && isObject(theirs)) return objectChanges(isObject(base) ? base : {}, ours, theirs, path);
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const found = arrayChanges(Array.isArray(base) ? base : [], ours, theirs, path);
    if (found !== undefined) return found;
  }
  // What the user took away stays away; what is ours no longer, and edited, is theirs to keep.
  if (ours === undefined || theirs === undefined) return [];
  if (isHigher(ours, theirs)) return [];
  return [{ path, value: theirs, isConflict: true }];
};

const objectChanges = (base: Json, ours: Json, theirs: Json, path: JSONPath): Operation[] => {
  const names = Object.keys(theirs);
  const changed = [...new Set([...names, ...Object.keys(base)])].flatMap((name) => {
    const isNew = own(ours, name) === undefined && own(base, name) === undefined;
    if (!isNew) return changes(own(base, name), own(ours, name), own(theirs, name), [...path, name]);
    return [{ path: [...path, name], value: own(theirs, name), options: { getInsertionIndex: (present: string[]) => placeOf(name, present, names) } }];
  });
  return changed;
};

/** Sorted where both sides are sorted, as npm does; else behind the one that it follows in theirs. */
const placeOf = (name: string, present: readonly string[], order: readonly string[]): number => {
  const isSorted = (names: readonly string[]): boolean => names.every((other, index) => index === 0 || (names[index - 1] ?? '').localeCompare(other, 'en') < 0);
  if (isSorted(present) && isSorted(order)) return present.filter((other) => other.localeCompare(name, 'en') < 0).length;
  const before = order.slice(0, order.indexOf(name)).findLast((other) => present.includes(other));
  if (before !== undefined) return present.indexOf(before) + 1;
  const after = order.slice(order.indexOf(name) + 1).find((other) => present.includes(other));
  return after === undefined ? present.length : present.indexOf(after);
};

/** Lists of plain values are sets; lists of objects that name themselves are merged by that name. */
const arrayChanges = (base: readonly unknown[], ours: readonly unknown[], theirs: readonly unknown[], path: JSONPath): Operation[] | undefined => {
  const names = [base, ours, theirs].map((list) => list.map(nameOf));
  const [was = [], mine = [], is = []] = names;
  if (names.some((list) => list.includes(undefined) || new Set(list).size !== list.length)) return undefined;
  const operations = is.flatMap((name, index): Operation[] => {
    const place = mine.indexOf(name);
    return place < 0 ? [] : changes(base[was.indexOf(name)], ours[place], theirs[index], [...path, place]);
  });
  const current = [...mine];
  for (const name of was) {
    const place = current.indexOf(name);
    if (is.includes(name) || place < 0 || !isSame(base[was.indexOf(name)], ours[mine.indexOf(name)])) continue;
    operations.push({ path: [...path, place], value: undefined });
    current.splice(place, 1);
  }
  is.forEach((name, index) => {
    if (mine.includes(name) || was.includes(name)) return;
    const before = is.slice(0, index).findLast((other) => current.includes(other));
    const place = before === undefined ? 0 : current.indexOf(before) + 1;
    operations.push({ path: [...path, place], value: theirs[index], options: { isArrayInsertion: true } });
    current.splice(place, 0, name);
  });
  return operations;
};

const nameOf = (value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (!isObject(value)) return undefined;
  const name = ['id', 'name', 'path'].map((key) => own(value, key)).find((found) => typeof found === 'string');
  return typeof name === 'string' ? name : undefined;
};

const own = (object: Json, name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined);

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const isSame = (a: unknown, b: unknown): boolean => a === b || (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b));

/** Whether ours is the later of two exact versions: then it stays. */
const isHigher = (ours: unknown, theirs: unknown): boolean => {
  const parts = (value: unknown): number[] => (typeof value === 'string' && /^\d+\.\d+\.\d+$/.test(value) ? value.split('.').map(Number) : []);
  const [a, b] = [parts(ours), parts(theirs)];
  const index = a.findIndex((number, place) => number !== b[place]);
  return b.length > 0 && index >= 0 && (a[index] ?? 0) > (b[index] ?? 0);
};
