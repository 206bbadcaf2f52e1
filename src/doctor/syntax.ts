import { ts } from 'ts-morph';

/** An expression without what changes only its type or its looks. */
export const plain = (node: ts.Expression): ts.Expression => {
  let inner = node;
  while (ts.isParenthesizedExpression(inner) || ts.isAsExpression(inner) || ts.isNonNullExpression(inner) || ts.isSatisfiesExpression(inner) || ts.isTypeAssertionExpression(inner)) inner = inner.expression;
  return inner;
};

type FunctionNode = ts.ArrowFunction | ts.FunctionExpression | ts.FunctionDeclaration | ts.MethodDeclaration | ts.ConstructorDeclaration | ts.AccessorDeclaration;

export const isFunction = (node: ts.Node): node is FunctionNode =>
  ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node) || ts.isAccessor(node);

/** The nearest function around a node. */
export const functionAround = (node: ts.Node): FunctionNode | undefined => {
  for (let current = node.parent; current !== undefined; current = current.parent) if (isFunction(current)) return current;
  return undefined;
};

/** The functions around a node, the nearest first. */
export const functionsAround = (node: ts.Node): FunctionNode[] => {
  const nearest = functionAround(node);
  return nearest === undefined ? [] : [nearest, ...functionsAround(nearest)];
};

export type Declaration = ts.VariableDeclaration | ts.ParameterDeclaration | ts.BindingElement | ts.FunctionDeclaration | ts.ClassDeclaration | ts.ImportSpecifier | ts.ImportClause | ts.NamespaceImport | ts.ImportEqualsDeclaration;

const inPattern = (name: ts.BindingName, owner: Declaration, wanted: string): Declaration | undefined => {
  if (ts.isIdentifier(name)) return name.text === wanted ? owner : undefined;
  for (const element of name.elements) {
    const found = ts.isBindingElement(element) ? inPattern(element.name, element, wanted) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
};

const inList = (list: ts.VariableDeclarationList, wanted: string): Declaration | undefined => {
  for (const declaration of list.declarations) {
    const found = inPattern(declaration.name, declaration, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
};

const inStatement = (statement: ts.Statement, wanted: string): Declaration | undefined => {
  if (ts.isVariableStatement(statement)) return inList(statement.declarationList, wanted);
  if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name?.text === wanted) return statement;
  if (ts.isImportEqualsDeclaration(statement) && statement.name.text === wanted) return statement;
  if (!ts.isImportDeclaration(statement) || statement.importClause === undefined) return undefined;
  const { name, namedBindings } = statement.importClause;
  if (name?.text === wanted) return statement.importClause;
  if (namedBindings === undefined) return undefined;
  if (ts.isNamespaceImport(namedBindings)) return namedBindings.name.text === wanted ? namedBindings : undefined;
  return namedBindings.elements.find((element) => element.name.text === wanted);
};

/** Where the file declares a name that is used at `node`: the nearest scope wins. */
export const declarationOf = (node: ts.Identifier): Declaration | undefined => {
  const wanted = node.text;
  for (let scope: ts.Node | undefined = node.parent; scope !== undefined; scope = scope.parent) {
    let found: Declaration | undefined;
    if (isFunction(scope)) {
      for (const parameter of scope.parameters) found ??= inPattern(parameter.name, parameter, wanted);
    } else if (ts.isBlock(scope) || ts.isSourceFile(scope) || ts.isModuleBlock(scope) || ts.isCaseOrDefaultClause(scope)) {
      for (const statement of scope.statements) found ??= inStatement(statement, wanted);
    } else if (ts.isCatchClause(scope) && scope.variableDeclaration !== undefined) {
      found = inPattern(scope.variableDeclaration.name, scope.variableDeclaration, wanted);
    } else if ((ts.isForStatement(scope) || ts.isForOfStatement(scope) || ts.isForInStatement(scope)) && scope.initializer !== undefined && ts.isVariableDeclarationList(scope.initializer)) {
      found = inList(scope.initializer, wanted);
    }
    if (found !== undefined) return found;
  }
  return undefined;
};

export const isConst = (declaration: ts.VariableDeclaration): boolean =>
  ts.isVariableDeclarationList(declaration.parent) && (declaration.parent.flags & ts.NodeFlags.Const) !== 0;

/** What an expression stands for: a constant of the same file is followed to what it was made with. */
export const valueOf = (node: ts.Expression, depth = 0): ts.Expression => {
  const inner = plain(node);
  if (!ts.isIdentifier(inner) || depth > 4) return inner;
  const declaration = declarationOf(inner);
  if (declaration === undefined || !ts.isVariableDeclaration(declaration) || !ts.isIdentifier(declaration.name) || declaration.initializer === undefined || !isConst(declaration)) return inner;
  return valueOf(declaration.initializer, depth + 1);
};

/** The text of an expression that is a plain string. */
export const stringOf = (node: ts.Expression | undefined): string | undefined => {
  if (node === undefined) return undefined;
  const value = valueOf(node);
  return ts.isStringLiteralLike(value) ? value.text : undefined;
};

/** A number that is written down, sums and products of such numbers too. */
export const numberOf = (node: ts.Expression | undefined): number | undefined => {
  if (node === undefined) return undefined;
  const value = valueOf(node);
  if (ts.isNumericLiteral(value)) return Number(value.text);
  if (ts.isIdentifier(value) && value.text === 'Infinity') return Number.POSITIVE_INFINITY;
  if (!ts.isBinaryExpression(value)) return undefined;
  const [left, right] = [numberOf(value.left), numberOf(value.right)];
  if (left === undefined || right === undefined) return undefined;
  if (value.operatorToken.kind === ts.SyntaxKind.AsteriskToken) return left * right;
  return value.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken ? left ** right : undefined;
};

export const isLiteral = (node: ts.Expression | undefined, wanted: boolean): boolean =>
  node !== undefined && valueOf(node).kind === (wanted ? ts.SyntaxKind.TrueKeyword : ts.SyntaxKind.FalseKeyword);

/** What an options object says: a value, nothing, or something that only running it would tell. */
export type Option = { readonly kind: 'value'; readonly value: ts.Expression } | { readonly kind: 'absent' } | { readonly kind: 'unknown' };

const nameOf = (name: ts.PropertyName): string | undefined => (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name) ? name.text : undefined);

/** The member at `path` of an options object. */
export const optionOf = (options: ts.Expression | undefined, ...path: readonly string[]): Option => {
  if (options === undefined) return { kind: 'absent' };
  const [first, ...rest] = path;
  if (first === undefined) return { kind: 'value', value: options };
  const value = valueOf(options);
  if (!ts.isObjectLiteralExpression(value)) return { kind: 'unknown' };
  let found: Option = { kind: 'absent' };
  for (const member of value.properties) {
    if (ts.isSpreadAssignment(member) || nameOf(member.name) === undefined) found = { kind: 'unknown' };
    else if (nameOf(member.name) !== first) continue;
    else if (ts.isPropertyAssignment(member)) found = { kind: 'value', value: member.initializer };
    else if (ts.isShorthandPropertyAssignment(member)) found = { kind: 'value', value: member.name };
    else found = { kind: 'unknown' };
  }
  return found.kind === 'value' ? optionOf(found.value, ...rest) : found;
};

/** Whether an option is certainly written as `true`, or as `false`. */
export const saysOption = (option: Option, wanted: boolean): boolean => option.kind === 'value' && isLiteral(option.value, wanted);

/** A member of a package, as it is used in a file: `createHash` of `crypto`. */
export interface Imported {
  readonly module: string;
  /** `default` for the module itself. */
  readonly name: string;
}

const bareModule = (name: string): string => name.replace(/^node:/, '');

const requiredBy = (node: ts.Expression | undefined): string | undefined => {
  if (node === undefined) return undefined;
  const value = plain(node);
  if (ts.isPropertyAccessExpression(value) && value.name.text === 'default') return requiredBy(value.expression);
  if (ts.isAwaitExpression(value)) return requiredBy(value.expression);
  if (!ts.isCallExpression(value)) return undefined;
  const [argument] = value.arguments;
  const isRequire = (ts.isIdentifier(value.expression) && value.expression.text === 'require') || value.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isRequire && argument !== undefined && ts.isStringLiteralLike(argument) ? bareModule(argument.text) : undefined;
};

const importedByName = (node: ts.Identifier): Imported | undefined => {
  const declaration = declarationOf(node);
  if (declaration === undefined) return undefined;
  if (ts.isImportClause(declaration) || ts.isNamespaceImport(declaration) || ts.isImportSpecifier(declaration)) {
    let statement: ts.Node = declaration;
    while (!ts.isImportDeclaration(statement)) statement = statement.parent;
    if (!ts.isStringLiteral(statement.moduleSpecifier)) return undefined;
    const name = ts.isImportSpecifier(declaration) ? (declaration.propertyName ?? declaration.name).text : 'default';
    return { module: bareModule(statement.moduleSpecifier.text), name };
  }
  if (ts.isImportEqualsDeclaration(declaration)) {
    const { moduleReference: reference } = declaration;
    return ts.isExternalModuleReference(reference) && ts.isStringLiteralLike(reference.expression) ? { module: bareModule(reference.expression.text), name: 'default' } : undefined;
  }
  if (ts.isVariableDeclaration(declaration)) {
    const module = requiredBy(declaration.initializer);
    return module === undefined ? undefined : { module, name: 'default' };
  }
  if (!ts.isBindingElement(declaration)) return undefined;
  const owner = declaration.parent.parent;
  const module = ts.isVariableDeclaration(owner) ? requiredBy(owner.initializer) : undefined;
  const name = declaration.propertyName ?? declaration.name;
  return module === undefined || !ts.isIdentifier(name) ? undefined : { module, name: name.text };
};

/** What of which package an expression is. */
export const importedAs = (node: ts.Expression): Imported | undefined => {
  const value = plain(node);
  if (ts.isIdentifier(value)) return importedByName(value);
  if (!ts.isPropertyAccessExpression(value)) {
    const module = requiredBy(value);
    return module === undefined ? undefined : { module, name: 'default' };
  }
  const owner = importedAs(value.expression);
  if (owner === undefined || owner.name !== 'default') return undefined;
  return { module: owner.module, name: value.name.text };
};

/** Whether a call is one of these members of these packages. */
export const callsPackage = (call: ts.CallExpression | ts.NewExpression, modules: readonly string[], names: readonly string[] = ['default']): boolean => {
  const found = importedAs(call.expression);
  return found !== undefined && modules.includes(found.module) && names.includes(found.name);
};

/** The name of the method that a call calls: `redirect` of `res.status(303).redirect(...)`. */
export const methodOf = (call: ts.CallExpression): string | undefined => (ts.isPropertyAccessExpression(call.expression) ? call.expression.name.text : undefined);

/** Pieces that a text is put together from, in order, texts joined; a constant text is followed. */
export const piecesOf = (node: ts.Expression): (string | ts.Expression)[] => {
  const joined: (string | ts.Expression)[] = [];
  for (const piece of rawPieces(node)) {
    const last = joined.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') joined[joined.length - 1] = last + piece;
    else if (piece !== '') joined.push(piece);
  }
  return joined;
};

const rawPieces = (node: ts.Expression): (string | ts.Expression)[] => {
  const value = valueOf(node);
  if (ts.isStringLiteralLike(value)) return [value.text];
  if (ts.isTemplateExpression(value)) return [value.head.text, ...value.templateSpans.flatMap(({ expression, literal }) => [...innerPieces(expression), literal.text])];
  if (ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.PlusToken) return [...rawPieces(value.left), ...rawPieces(value.right)];
  return [node];
};

/** A constant inside of a template counts as the text that it is; everything else stays. */
const innerPieces = (node: ts.Expression): (string | ts.Expression)[] => {
  const value = valueOf(node);
  return ts.isStringLiteralLike(value) ? [value.text] : [node];
};

/** Whether a condition decides, inside of the nearest function, if this is reached. */
export const isConditional = (node: ts.Node): boolean => {
  for (let child = node, parent = node.parent; parent !== undefined; child = parent, parent = parent.parent) {
    if (ts.isIfStatement(parent) && parent.expression !== child) return true;
    if (ts.isConditionalExpression(parent) && parent.condition !== child) return true;
    if (ts.isBinaryExpression(parent) && parent.right === child && [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken].includes(parent.operatorToken.kind)) return true;
    if (ts.isSwitchStatement(parent)) return true;
    if (isFunction(parent)) {
      // What stands behind `if (...) return` is reached only sometimes.
      const { body } = parent;
      if (body === undefined || !ts.isBlock(body)) return false;
      return body.statements.some((statement) => statement.getEnd() <= node.getStart() && ts.isIfStatement(statement) && /\b(?:return|throw)\b/.test(statement.getText()));
    }
  }
  return false;
};

const environment = /NODE_ENV|\benv\b|prod|\bdev|[._]dev|isDev|debug|isLocal|isTest|["']test["']|["']local["']/i;

/** Whether the environment decides if this is reached: inside of `if (isDev)`, or behind `if (isProduction) return`. */
export const dependsOnEnvironment = (node: ts.Node): boolean => {
  for (let child = node, parent = node.parent; parent !== undefined; child = parent, parent = parent.parent) {
    const condition = ts.isIfStatement(parent) && parent.expression !== child ? parent.expression : ts.isConditionalExpression(parent) && parent.condition !== child ? parent.condition : ts.isBinaryExpression(parent) && parent.right === child ? parent.left : undefined;
    if (condition !== undefined && environment.test(condition.getText())) return true;
    if (ts.isBlock(parent) && parent.statements.some((statement) => statement.getEnd() <= node.getStart() && ts.isIfStatement(statement) && environment.test(statement.expression.getText()) && /\b(?:return|throw)\b/.test(statement.getText()))) return true;
  }
  return false;
};

/** Names of what is around a node: functions, members and constants. */
export const namesAround = (node: ts.Node): string => {
  const names: string[] = [];
  for (let current = node.parent; current !== undefined; current = current.parent) {
    if (ts.isFunctionDeclaration(current) || ts.isFunctionExpression(current) || ts.isMethodDeclaration(current) || ts.isVariableDeclaration(current) || ts.isPropertyAssignment(current) || ts.isClassDeclaration(current)) names.push(current.name?.getText() ?? '');
  }
  return names.join(' ');
};

/** Whether a call registers one of these Fastify plugins: `app.register(plugin, options)`. */
export const registers = (call: ts.CallExpression, plugins: readonly string[]): boolean => {
  const [plugin] = call.arguments;
  if (methodOf(call) !== 'register' || plugin === undefined) return false;
  const found = importedAs(plugin);
  return found !== undefined && plugins.includes(found.module);
};
