import { Node, type SourceFile, SyntaxKind } from 'ts-morph';
import type { PackageFacts } from './package-facts.ts';
import type { Sources } from './source.ts';

/** Something that protects the repo already. */
export interface Present {
  /** The name of the package, or `error handler`, `not-found handler`, `body parser`. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly what: string;
  readonly file: string;
  readonly line: number;
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

const packageImport = /(?:\bfrom\s*|\brequire\s*\(\s*|\bimport\s+)(["'])([^."'\n][^"'\n]*)\1/g;

/** What the files register themselves. */
export const presentIn = (files: ReadonlyMap<string, string>, sources: Sources, { target }: PackageFacts, packages: Readonly<Record<string, string>>): Present[] => {
  const found: Present[] = [];
  for (const [file, text] of files) {
    for (const match of text.matchAll(packageImport)) {
      const name = match[2] ?? '';
      const what = Object.hasOwn(packages, name) ? packages[name] : undefined;
      if (what !== undefined) found.push({ name, what, file, line: lineAt(text, match.index) });
    }
    if (/\.use\(|\.setErrorHandler\(|\.setNotFoundHandler\(/.test(text)) found.push(...handlersIn(sources.parse(file, text), file, target));
  }
  return found;
};

const handlersIn = (source: SourceFile, file: string, target: string): Present[] =>
  source.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((call): Present[] => {
    const callee = call.getExpression();
    if (!Node.isPropertyAccessExpression(callee)) return [];
    const at = { file, line: call.getStartLineNumber() };
    const name = callee.getName();
    if (target === 'fastify' && name === 'setErrorHandler') return [{ name: 'error handler', what: 'error handling', ...at }];
    if (target === 'fastify' && name === 'setNotFoundHandler') return [{ name: 'error handler', what: 'answers for unknown paths', ...at }];
    if (target !== 'express' || name !== 'use') return [];
    const argument = call.getArguments().at(-1);
    const text = argument?.getText() ?? '';
    if (/^(?:express|bodyParser)\.(?:json|urlencoded|raw|text)\(/.test(text)) return [{ name: 'body parser', what: text.slice(0, text.indexOf('(')), ...at }];
    const isInline = (Node.isArrowFunction(argument) || Node.isFunctionExpression(argument)) && argument.getParameters().length === 4;
    const isNamed = Node.isIdentifier(argument) && (/error/i.test(text) || parametersOf(source, text) === 4);
    const isMade = Node.isCallExpression(argument) && /error/i.test(argument.getExpression().getText());
    return isInline || isNamed || isMade ? [{ name: 'error handler', what: 'error handling', ...at }] : [];
  });

/** How many parameters a function of this file has. */
const parametersOf = (source: SourceFile, name: string): number | undefined => {
  const initializer = source.getVariableDeclaration(name)?.getInitializer();
  if (Node.isArrowFunction(initializer) || Node.isFunctionExpression(initializer)) return initializer.getParameters().length;
  return source.getFunction(name)?.getParameters().length;
};
