import { Node, type SourceFile, type Statement, SyntaxKind, ts } from 'ts-morph';
import type { Candidate, Spot } from '../foreign/locate.ts';
import type { Style } from '../foreign/style.ts';
import { type Insertion, type Outcome, type Paste, already, applied, cannot, insertAll } from './outcome.ts';

export interface Wiring {
  readonly candidate: Candidate;
  /** How the file imports what is called. */
  readonly specifier: string;
  /** Whether something has to stand behind the routes too. */
  readonly wantsLast: boolean;
  readonly style: Style;
}

export const firstCall = 'secureApp';
export const lastCall = 'secureErrors';

/**
 * Puts the calls that protect an app into the file that makes it: right behind the line that makes it, and behind the last route.
 * Nothing else of the file changes. When one of them cannot be placed, none is.
 */
export const wireApp = (source: SourceFile, { candidate, specifier, wantsLast, style }: Wiring): Outcome => {
  const text = source.getFullText();
  const { app, file } = candidate;
  const end = style.semicolons ? ';' : '';
  const importLine = (names: readonly string[]): string => `import { ${names.join(', ')} } from ${style.quotes}${specifier}${style.quotes}${end}`;
  const wanted = [firstCall, ...(wantsLast ? [lastCall] : [])];
  const called = wanted.filter((name) => isCalled(source, name, app));
  const missing = wanted.filter((name) => !called.includes(name));
  if (missing.length === 0) return already(text);

  const pasteFor = (name: string): Paste => ({
    file,
    where: name === firstCall ? 'right behind the line that makes the app, before anything is registered' : 'behind the last route and every other middleware',
    text: `${name}(${app})${end}`,
  });
  const byHand = [{ file, where: 'with the other imports', text: importLine(missing) }, ...missing.map(pasteFor)];
  const imported = importedNames(source, specifier);
  const taken = missing.find((name) => !imported.includes(name) && isDeclared(source, name));
  if (taken !== undefined) return cannot(`${file} has something else that is called ${taken}`, byHand);

  const spotOf = (name: string): Spot | string => (name === firstCall ? candidate.first : candidate.last);
  const insertions: Insertion[] = [];
  for (const name of missing) {
    const spot = spotOf(name);
    if (typeof spot === 'string') return cannot(`${file}: ${spot}`, byHand);
    insertions.push(statementAt(text, spot, `${name}(${app})`, style));
  }
  const unknown = missing.filter((name) => !imported.includes(name));
  if (unknown.length > 0) {
    const place = importPlace(source);
    if (place === undefined) return cannot(`${file} has no import to stand behind`, byHand);
    insertions.unshift(lineBehind(text, place, importLine(unknown), '', style));
  }
  return applied(insertAll(text, insertions));
};

const isCalled = (source: SourceFile, name: string, app: string): boolean =>
  source.getDescendantsOfKind(SyntaxKind.CallExpression).some((call) => call.getExpression().getText() === name && call.getArguments()[0]?.getText() === app);

const importedNames = (source: SourceFile, specifier: string): string[] =>
  source.getImportDeclarations().flatMap((declaration) => (declaration.getModuleSpecifierValue() === specifier ? declaration.getNamedImports().map((named) => named.getName()) : []));

const isDeclared = (source: SourceFile, name: string): boolean => source.getDescendantsOfKind(SyntaxKind.Identifier).some((identifier) => identifier.getText() === name);

/** The last of the imports at the top of the file. */
const importPlace = (source: SourceFile): Statement | undefined => source.getStatements().findLast(isImport);

const isImport = (statement: Statement): boolean => {
  if (Node.isImportDeclaration(statement) || Node.isImportEqualsDeclaration(statement)) return true;
  return Node.isVariableStatement(statement) && statement.getDeclarations().every((declaration) => declaration.getInitializer()?.getText().startsWith('require(') === true);
};

const statementAt = (text: string, spot: Spot, code: string, style: Style): Insertion => {
  const lineStart = text.lastIndexOf('\n', spot.indentOf - 1) + 1;
  const lead = /^[\t ]*/.exec(text.slice(lineStart))?.[0] ?? '';
  // A body on one line with its brace has no line of its own to take the indent from.
  const isOwnLine = lineStart + lead.length === spot.indentOf;
  const indent = isOwnLine ? lead : spot.kind === 'inside' ? lead + style.indent : lead;
  return lineBehind(text, { getEnd: () => spot.at }, `${code}${style.semicolons ? ';' : ''}`, indent, style);
};

/** A line of its own behind what ends at `place`, and behind a comment on the same line. */
const lineBehind = (text: string, place: { getEnd(): number }, code: string, indent: string, style: Style): Insertion => {
  const comments = ts.getTrailingCommentRanges(text, place.getEnd()) ?? [];
  const end = comments.at(-1)?.end ?? place.getEnd();
  const rest = /^[^\n]*/.exec(text.slice(end))?.[0] ?? '';
  const isLineEnd = rest.trim() === '';
  const at = isLineEnd ? end + rest.trimEnd().length : place.getEnd();
  const next = nextToken(text, at);
  // Without a semicolon, `(` or `[` on the next line would go on with our statement.
  const guarded = !code.endsWith(';') && (!isLineEnd || '([`+-*/,.'.includes(next)) ? `${code};` : code;
  return { at, text: isLineEnd ? `${style.eol}${indent}${guarded}` : ` ${guarded}` };
};

/** The first character behind `at` that is no space and no comment. */
const nextToken = (text: string, at: number): string => {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text, undefined, at);
  scanner.scan();
  return text.charAt(scanner.getTokenStart()) || '\n';
};
