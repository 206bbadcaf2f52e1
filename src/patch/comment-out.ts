import { Node, type SourceFile, type Statement, SyntaxKind } from 'ts-morph';
import { type Outcome, already, applied, cannot, insertAll } from './outcome.ts';

/**
 * Puts a comment before every line that registers what a package brings, and before its import. No line is changed or lost: who
 * takes the `//` out again has it back. Where a name of the package is used for more than a registration, nothing is done.
 */
export const commentOut = (source: SourceFile, packageName: string): Outcome => {
  const text = source.getFullText();
  const file = source.getFilePath().slice(1);
  const imported = source.getImportDeclarations().find((declaration) => declaration.getModuleSpecifierValue() === packageName);
  if (imported === undefined) {
    const other = source.getDescendantsOfKind(SyntaxKind.StringLiteral).find((literal) => literal.getLiteralValue() === packageName);
    if (other === undefined) return already(text);
    const where = `line ${other.getStartLineNumber()}`;
    return cannot(`${file}: ${packageName} is not brought by an import declaration (${where})`, [{ file, where, text: `// take out ${packageName}, and what it registers` }]);
  }
  const names = new Set([imported.getDefaultImport(), imported.getNamespaceImport(), ...imported.getNamedImports().map((named) => named.getAliasNode() ?? named.getNameNode())].flatMap((node) => node?.getText() ?? []));
  const uses = source.getDescendantsOfKind(SyntaxKind.Identifier).filter((identifier) => names.has(identifier.getText()) && identifier.getFirstAncestorByKind(SyntaxKind.ImportDeclaration) === undefined);
  const statements = new Set<Statement>();
  for (const use of uses) {
    const statement = registrationOf(use);
    if (statement === undefined) {
      const where = `line ${use.getStartLineNumber()}`;
      return cannot(`${file}: ${packageName} is used for more than one registration (${where})`, [{ file, where, text: `// take out: ${use.getFirstAncestor((node) => Node.isStatement(node))?.getText().split('\n')[0] ?? use.getText()}` }]);
    }
    statements.add(statement);
  }
  const insertions = [imported, ...statements].flatMap((statement) => lineStarts(text, statement).map((at) => ({ at, text: '// ' })));
  return insertions.length === 0 ? already(text) : applied(insertAll(text, insertions));
};

/** `app.use(name(...))` or `app.register(name, ...)`, as a statement with lines of its own. */
const registrationOf = (use: Node): Statement | undefined => {
  const statement = use.getFirstAncestor((node): node is Statement => Node.isStatement(node));
  if (!Node.isExpressionStatement(statement)) return undefined;
  const plain = statement.getExpression();
  const expression = Node.isAwaitExpression(plain) || Node.isVoidExpression(plain) ? plain.getExpression() : plain;
  const callee = Node.isCallExpression(expression) ? expression.getExpression() : undefined;
  if (!Node.isPropertyAccessExpression(callee) || !['use', 'register'].includes(callee.getName())) return undefined;
  if (!/^[\w$.]+$/.test(callee.getExpression().getText())) return undefined;
  const [, ...others] = Node.isCallExpression(expression) ? expression.getArguments() : [];
  // Another middleware in the same call would go with it.
  if (callee.getName() === 'use' && others.length > 0) return undefined;
  const text = statement.getSourceFile().getFullText();
  const before = text.slice(text.lastIndexOf('\n', statement.getStart() - 1) + 1, statement.getStart());
  const after = /^[^\n]*/.exec(text.slice(statement.getEnd()))?.[0] ?? '';
  const isAlone = before.trim() === '' && /^\s*(?:\/\/.*)?$/.test(after.replace(/^;/, ''));
  return isAlone && !/`|\/\*/.test(statement.getText()) ? statement : undefined;
};

/** Where the code of each line of a statement starts. */
const lineStarts = (text: string, statement: Statement): number[] => {
  const starts = [statement.getStart()];
  for (let at = text.indexOf('\n', statement.getStart()); at >= 0 && at < statement.getEnd(); at = text.indexOf('\n', at + 1)) {
    const lead = /^[\t ]*/.exec(text.slice(at + 1))?.[0].length ?? 0;
    starts.push(at + 1 + lead);
  }
  return starts;
};
