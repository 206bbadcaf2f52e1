import { type ImportSpecifier, Node, Project, type SourceFile, SyntaxKind } from 'ts-morph';
import { posix } from 'node:path';
import type { Rename } from '../notes.ts';
import { type Outcome, type Paste, already, applied, cannot } from '../patch/outcome.ts';

/**
 * Follows renamed exports in somebody's file: what is imported, exported again, or reached through a namespace, and every
 * use of it. Nothing else of the text changes.
 * @param path of the file below the root, with `/`.
 */
export const renameExports = (path: string, text: string, renames: readonly Rename[]): Outcome => {
  const concerned = renames.filter(({ from }) => text.includes(from));
  if (concerned.length === 0) return already(text);
  const file = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true, compilerOptions: { allowJs: true } }).createSourceFile(`/${path}`, text);
  const lost = concerned.flatMap((rename) => renameIn(file, path, rename));
  if (lost.length > 0) return cannot('it reaches a renamed export in a way that cannot be followed', lost);
  const renamed = file.getFullText();
  return renamed === text ? already(text) : applied(renamed);
};

/** The places that cannot be followed. */
const renameIn = (file: SourceFile, path: string, rename: Rename): Paste[] => {
  const { from, to } = rename;
  const isMeant = (specifier: string | undefined): boolean => specifier !== undefined && moduleOf(specifier, path) === stem(rename.module);
  for (const declaration of file.getImportDeclarations().filter((found) => isMeant(found.getModuleSpecifierValue()))) {
    for (const specifier of declaration.getNamedImports().filter((found) => found.getName() === from)) renameImport(specifier, to);
    const namespace = declaration.getNamespaceImport();
    const accesses = namespace?.findReferencesAsNodes().flatMap((node) => accessOf(node, from)) ?? [];
    for (const name of accesses.toReversed()) name.replaceWithText(to);
  }
  for (const declaration of file.getExportDeclarations().filter((found) => isMeant(found.getModuleSpecifierValue()))) {
    // Whoever imports it from here goes on as before.
    for (const specifier of declaration.getNamedExports().filter((found) => found.getName() === from)) specifier.replaceWithText(`${to} as ${specifier.getAliasNode()?.getText() ?? from}`);
  }
  return file.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((call): Paste[] => {
    const [argument] = call.getArguments();
    const isImport = call.getExpression().getKind() === SyntaxKind.ImportKeyword || call.getExpression().getText() === 'require';
    if (!isImport || argument === undefined || !Node.isStringLiteral(argument) || !isMeant(argument.getLiteralValue())) return [];
    const statement = call.getFirstAncestor((node) => Node.isStatement(node)) ?? call;
    if (!new RegExp(`\\b${from}\\b`).test(statement.getText())) return [];
    return [{ file: path, where: `line ${statement.getStartLineNumber()}: \`${from}\` is \`${to}\` now`, text: statement.getText().replaceAll(new RegExp(`\\b${from}\\b`, 'g'), to) }];
  });
};

const renameImport = (specifier: ImportSpecifier, to: string): void => {
  const file = specifier.getSourceFile();
  const isTaken = file.getDescendantsOfKind(SyntaxKind.Identifier).some((node) => node.getText() === to);
  const alias = specifier.getAliasNode();
  // A local name that is taken would be another thing: the old one stays as an alias.
  if (alias !== undefined || isTaken) return void specifier.replaceWithText(`${specifier.isTypeOnly() ? 'type ' : ''}${to} as ${alias?.getText() ?? specifier.getName()}`);
  const name = specifier.getNameNode();
  if (!Node.isIdentifier(name)) return;
  const shorthands = name.findReferencesAsNodes().map((node) => node.getParent()).filter(Node.isShorthandPropertyAssignment);
  for (const shorthand of shorthands.toReversed()) shorthand.replaceWithText(`${name.getText()}: ${name.getText()}`);
  name.rename(to);
};

/** The `name` of `namespace.name`. */
const accessOf = (node: Node, name: string): Node[] => {
  const parent = node.getParent();
  if (Node.isPropertyAccessExpression(parent) && parent.getExpression() === node && parent.getName() === name) return [parent.getNameNode()];
  if (Node.isQualifiedName(parent) && parent.getLeft() === node && parent.getRight().getText() === name) return [parent.getRight()];
  return [];
};

/** The file that a specifier means, without its extension; nothing for a package. */
const moduleOf = (specifier: string, path: string): string | undefined => {
  if (specifier.startsWith('#')) return stem(specifier.slice(1));
  return specifier.startsWith('.') ? stem(posix.join(posix.dirname(path), specifier)) : undefined;
};

const stem = (path: string): string => path.replace(/\.[cm]?[jt]s$/, '');
