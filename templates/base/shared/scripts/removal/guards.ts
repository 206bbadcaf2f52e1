import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { type Mark, hashComments, marksIn, mayHoldGuards } from '../docs/marks.ts';
import { projectFiles } from '../project-files.ts';
import { extentAt } from './statement.ts';
import { tokenize } from './tokens.ts';

/** A statement that makes the difference: `// protect: Q441` at the end of the line where it starts. */
export interface Guard extends Mark {
  /** Relative to the project, with slashes. */
  readonly file: string;
}

/** Every marked guard of the project, by file and line. */
export const findGuards = (root: string): Guard[] =>
  projectFiles(root)
    .filter(mayHoldGuards)
    .flatMap((file) => guardsIn(readFileSync(join(root, file), 'utf8'), file));

/** The guards of one file. */
export const guardsIn = (source: string, file: string): Guard[] => marksIn(source).map((mark) => ({ file, ...mark }));

/**
 * The file without the guard.
 * @throws SyntaxError when the removal is not a fair one: what is left does not parse, or uses a name that is gone.
 */
export const withoutGuard = (source: string, guard: Guard): string => {
  if (guard.weaken !== undefined) return weakened(source, guard, guard.weaken);
  if (hashComments.test(guard.file)) return withoutLines(source, guard);
  const { start, end, replacement, declares } = extentAt(source, guard.line);
  const rest = source.slice(0, start) + replacement + source.slice(end);
  const names = usedNames(rest);
  const lost = declares.filter((name) => names.has(name));
  if (lost.length > 0) throw new SyntaxError(`the code still uses ${lost.join(', ')}: mark the statement that uses it`);
  return parsed(rest, guard.file);
};

/** Where the code of a guard starts and ends; undefined in files that are not code, and where it cannot be found. */
export const placeOf = (source: string, guard: Guard): { readonly start: number; readonly end: number } | undefined => {
  if (hashComments.test(guard.file)) return undefined;
  try {
    return extentAt(source, guard.line);
  } catch {
    return undefined;
  }
};

const usedNames = (source: string): ReadonlySet<string> =>
  new Set(tokenize(source).flatMap(({ kind, text }, index, all) => (kind === 'word' && all[index - 1]?.text !== '.' ? [text] : [])));

const weakened = (source: string, guard: Guard, [from, to]: readonly [string, string]): string => {
  const lines = source.split('\n');
  const text = lines[guard.line - 1] ?? '';
  if (!guard.code.includes(from)) throw new SyntaxError(`the line does not hold \`${from}\``);
  lines[guard.line - 1] = text.replace(from, () => to);
  const rest = lines.join('\n');
  return hashComments.test(guard.file) ? rest : parsed(rest, guard.file);
};

/** In files with `#` comments: the marked line and what is indented below it. */
const withoutLines = (source: string, guard: Guard): string => {
  const lines = source.split('\n');
  const first = guard.line - 1;
  const indentOf = (text: string): number => text.search(/\S/);
  const indent = indentOf(lines[first] ?? '');
  let end = first + 1;
  while (indentOf(lines[end] ?? '') > indent) end += 1;
  return [...lines.slice(0, first), ...lines.slice(end)].join('\n');
};

const parsed = (source: string, file: string): string => {
  try {
    stripTypeScriptTypes(source);
  } catch (error) {
    throw new SyntaxError(`what is left of ${file} does not parse`, { cause: error });
  }
  return source;
};
