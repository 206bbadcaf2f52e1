import { Node, type SourceFile, SyntaxKind, ts } from 'ts-morph';
import type { Sources } from './source.ts';
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
export const restyled = (path: string, text: string, style: Style, sources: Sources): string => {
  const source = sources.parse(path, text);
  const changes = [...(style.quotes === '"' ? doubleQuotes(source) : []), ...(style.semicolons ? [] : withoutSemicolons(source)), ...(style.indent === '  ' ? [] : indents(source, style.indent))];
  const code = replaceAll(text, changes);
  const ended = style.finalNewline ? code : code.replace(/\n$/, '');
  return style.eol === '\n' ? ended : ended.replaceAll('\n', style.eol);
};

/** Strings that hold a double quote keep theirs, as every formatter leaves them. */
const doubleQuotes = (source: SourceFile): Replacement[] =>
  source.getDescendantsOfKind(SyntaxKind.StringLiteral).flatMap((literal) => {
    const raw = literal.getText();
    if (!raw.startsWith("'") || raw.includes('"')) return [];
    return { from: literal.getStart(), to: literal.getEnd(), text: `"${raw.slice(1, -1).replaceAll("\\'", "'")}"` };
  });

const endsWithSemicolon = (node: Node): boolean =>
  Node.isStatement(node) || Node.isPropertyDeclaration(node) || Node.isPropertySignature(node) || Node.isMethodSignature(node) || Node.isIndexSignatureDeclaration(node) || Node.isTypeAliasDeclaration(node) || Node.isMethodDeclaration(node);

/** The semicolons at the end of a line, except before a line that would go on with the statement. */
const withoutSemicolons = (source: SourceFile): Replacement[] => {
  const text = source.getFullText();
  return source.getDescendants().flatMap((node) => {
    const end = node.getEnd();
    if (!endsWithSemicolon(node) || text[end - 1] !== ';' || Node.isEmptyStatement(node) || node.getParentIfKind(SyntaxKind.ForStatement)) return [];
    const comments = ts.getTrailingCommentRanges(text, end) ?? [];
    const behind = comments.at(-1)?.end ?? end;
    if (!/^[ \t]*(?:\n|$)/.test(text.slice(behind))) return [];
    const next = text.slice(behind).replace(/^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/, '');
    if (/^[([`+\-*/,.<]/.test(next)) return [];
    return { from: end - 1, to: end, text: '' };
  });
};

/** Leading spaces of lines, two of ours for one of theirs; what is inside of a template or is the ` * ` of a comment stays. */
const indents = (source: SourceFile, unit: string): Replacement[] => {
  const text = source.getFullText();
  const templates = source.getDescendants().filter((node) => Node.isNoSubstitutionTemplateLiteral(node) || Node.isTemplateHead(node) || node.getKind() === SyntaxKind.TemplateMiddle || node.getKind() === SyntaxKind.TemplateTail);
  const isInTemplate = (at: number): boolean => templates.some((node) => node.getStart() < at && at < node.getEnd());
  return [...text.matchAll(/^ +/gm)].flatMap(({ 0: spaces, index }) => {
    if (isInTemplate(index)) return [];
    const levels = Math.floor(spaces.length / 2);
    return { from: index, to: index + spaces.length, text: unit.repeat(levels) + ' '.repeat(spaces.length % 2) };
  });
};

