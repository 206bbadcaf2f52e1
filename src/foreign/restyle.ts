import { ts } from 'ts-morph';
import type { Style } from './style.ts';

interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const replaceAll = (text: string, replacements: readonly Replacement[]): string => {
  let result = '';
  let from = 0;
  for (const each of replacements.toSorted((a, b) => a.from - b.from)) {
    result += text.slice(from, each.from) + each.text;
    from = each.to;
  }
  return result + text.slice(from);
};

/** Code of ours as the repo would have written it: quotes, semicolons, indent, line ends. The code stays the same. */
export const restyled = (path: string, text: string, style: Style): string => {
  const isOurs = style.quotes === "'" && style.semicolons && style.indent === '  ';
  const code = isOurs ? text : replaceAll(text, changesOf(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true), style));
  const ended = style.finalNewline ? code : code.replace(/\n$/, '');
  return style.eol === '\n' ? ended : ended.replaceAll('\n', style.eol);
};

const changesOf = (source: ts.SourceFile, style: Style): Replacement[] => {
  const { text } = source;
  const changes: Replacement[] = [];
  const templates: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (style.quotes === '"' && ts.isStringLiteral(node)) changes.push(...doubleQuoted(node, source));
    if (!style.semicolons && isEnded(node) && text[node.end - 1] === ';') changes.push(...withoutSemicolon(node, text));
    if (ts.isTemplateLiteralToken(node)) templates.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return style.indent === '  ' ? changes : [...changes, ...indents(text, style.indent, templates, source)];
};

/** Strings that hold a double quote keep theirs, as every formatter leaves them. */
const doubleQuoted = (literal: ts.StringLiteral, source: ts.SourceFile): Replacement[] => {
  const raw = literal.getText(source);
  if (!raw.startsWith("'") || raw.includes('"')) return [];
  return [{ from: literal.getStart(source), to: literal.end, text: `"${raw.slice(1, -1).replaceAll("\\'", "'")}"` }];
};

/** True for what a semicolon ends. */
const isEnded = (node: ts.Node): boolean => {
  if (ts.isEmptyStatement(node) || ts.isForStatement(node.parent ?? node)) return false;
  if (ts.isStatement(node) || ts.isTypeAliasDeclaration(node)) return true;
  return ts.isPropertyDeclaration(node) || ts.isPropertySignature(node) || ts.isMethodSignature(node) || ts.isMethodDeclaration(node) || ts.isIndexSignatureDeclaration(node);
};

/** The semicolon at the end of a line, except before a line that would go on with the statement. */
const withoutSemicolon = ({ end }: ts.Node, text: string): Replacement[] => {
  const comments = ts.getTrailingCommentRanges(text, end) ?? [];
  const behind = comments.at(-1)?.end ?? end;
  if (!/^[ \t]*(?:\n|$)/.test(text.slice(behind, behind + 200))) return [];
  const next = /^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/.exec(text.slice(behind))?.[0].length ?? 0;
  return '([`+-*/,.<'.includes(text[behind + next] ?? '\n') ? [] : [{ from: end - 1, to: end, text: '' }];
};

/** Leading spaces of lines, two of ours for one of theirs; what is inside of a template or is the ` * ` of a comment stays. */
const indents = (text: string, unit: string, templates: readonly ts.Node[], source: ts.SourceFile): Replacement[] =>
  [...text.matchAll(/^ +/gm)].flatMap(({ 0: spaces, index }) => {
    if (templates.some((node) => node.getStart(source) < index && index < node.end)) return [];
    return { from: index, to: index + spaces.length, text: unit.repeat(Math.floor(spaces.length / 2)) + ' '.repeat(spaces.length % 2) };
  });
