import { type Block, type CallExpression, type Expression, Node, type SourceFile, type Statement, SyntaxKind } from 'ts-morph';
import type { Target } from '../manifest.ts';

export type Shape = 'module' | 'factory' | 'class' | 'plugin';

/** Where an offset goes: behind the end of a statement, or behind the `{` that opens a body. */
export interface Spot {
  readonly kind: 'behind' | 'inside';
  /** The end of the statement, or the place behind the brace. */
  readonly at: number;
  /** The start of a line at the level of the text that goes there. */
  readonly indentOf: number;
}

/** A place in a file where an app is made. */
export interface Candidate {
  readonly file: string;
  /** How `--app file#name` names it: the function, the class or the variable. */
  readonly name: string;
  readonly shape: Shape;
  /** How the code there calls the app: `app`, `this.app`. */
  readonly app: string;
  /** Right behind the line that makes the app; or why nothing can go there. */
  readonly first: Spot | string;
  /** Behind the last route; or why nothing can go there. */
  readonly last: Spot | string;
}

/** What can be called on a new app without anything being served by it. */
const harmless: ReadonlySet<string> = new Set(['withTypeProvider', 'setValidatorCompiler', 'setSerializerCompiler', 'disable', 'enable', 'set']);
const registering: ReadonlySet<string> = new Set(['use', 'get', 'post', 'put', 'patch', 'delete', 'all', 'head', 'options', 'route', 'register', 'mount', 'param', 'static']);
const starting: ReadonlySet<string> = new Set(['listen', 'createServer', 'createSecureServer', 'serverless', 'handle', 'ready', 'close', 'secureApp', 'secureErrors']);

/** Every place in the file where an app of the target is made. */
export const candidatesIn = (source: SourceFile, file: string, target: Target): Candidate[] => {
  const makers = makerNames(source, target);
  const made = source.getDescendantsOfKind(SyntaxKind.CallExpression).filter((call) => {
    const callee = call.getExpression();
    return (Node.isIdentifier(callee) && makers.has(callee.getText())) || isNamespaceCall(callee, makers);
  });
  const found = made.map((call) => candidateOf(call, file));
  return target === 'fastify' && found.length === 0 ? pluginsIn(source, file) : found;
};

/** Names under which the file calls what makes an app. */
const makerNames = (source: SourceFile, target: Target): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const declaration of source.getImportDeclarations()) {
    if (declaration.getModuleSpecifierValue() !== target || declaration.isTypeOnly()) continue;
    const byDefault = declaration.getDefaultImport() ?? declaration.getNamespaceImport();
    if (byDefault !== undefined) names.add(byDefault.getText());
    for (const named of declaration.getNamedImports()) {
      if (!named.isTypeOnly() && [target, 'Fastify', 'default'].includes(named.getName())) names.add(named.getAliasNode()?.getText() ?? named.getName());
    }
  }
  for (const declaration of source.getDescendantsOfKind(SyntaxKind.ImportEqualsDeclaration)) {
    if (declaration.getModuleReference().getText().replaceAll('"', "'").includes(`'${target}'`)) names.add(declaration.getName());
  }
  for (const declaration of source.getVariableDeclarations()) {
    const text = declaration.getInitializer()?.getText().replaceAll('"', "'") ?? '';
    if (text === `require('${target}')` || text === `require('${target}').default`) names.add(declaration.getName());
  }
  return names;
};

/** `express.default()`, `fastify.fastify()` */
const isNamespaceCall = (callee: Expression, makers: ReadonlySet<string>): boolean =>
  Node.isPropertyAccessExpression(callee) && makers.has(callee.getExpression().getText()) && ['default', 'fastify', 'express'].includes(callee.getName());

const candidateOf = (call: CallExpression, file: string): Candidate => {
  let node: Node = call;
  let chained: string | undefined;
  for (let parent = node.getParent(); parent !== undefined; parent = node.getParent()) {
    const link = Node.isPropertyAccessExpression(parent) && parent.getExpression() === node ? parent.getName() : undefined;
    if (link !== undefined && !harmless.has(link)) chained ??= link;
    const isWrap = Node.isAwaitExpression(parent) || Node.isAsExpression(parent) || Node.isParenthesizedExpression(parent) || Node.isSatisfiesExpression(parent) || Node.isNonNullExpression(parent);
    if (link === undefined && !isWrap && !(Node.isCallExpression(parent) && parent.getExpression() === node)) break;
    node = parent;
  }
  const parent = node.getParent();
  const owner = ownerOf(call);
  const named = (name: string, app: string, first: Spot | string, last: Spot | string): Candidate => ({
    file,
    name,
    shape: owner.shape,
    app,
    first: chained === undefined ? first : `\`.${chained}(...)\` is called on the app in the statement that makes it`,
    last,
  });

  if (Node.isVariableDeclaration(parent)) {
    const statement = parent.getVariableStatement();
    const app = parent.getName();
    if (statement === undefined || statement.getDeclarations().length > 1) return named(owner.name ?? app, app, 'the app is made in a declaration of several variables', noPlace);
    return named(owner.name ?? app, app, behind(statement), lastIn(statement, app));
  }
  if (Node.isBinaryExpression(parent) && parent.getOperatorToken().getText() === '=') {
    const statement = parent.getParent();
    const app = parent.getLeft().getText();
    if (!Node.isExpressionStatement(statement)) return named(owner.name ?? app, app, 'the app is made inside of an expression', noPlace);
    return named(owner.name ?? app, app, behind(statement), lastIn(statement, app));
  }
  if (Node.isPropertyDeclaration(parent)) {
    const app = `this.${parent.getName()}`;
    const maker = parent.getFirstAncestorByKind(SyntaxKind.ClassDeclaration)?.getConstructors().find((each) => each.getBody() !== undefined);
    const body = maker?.getBody();
    if (!Node.isBlock(body)) return named(owner.name ?? app, app, 'the class has no constructor', noPlace);
    const superCall = body.getStatements().find((statement) => statement.getText().startsWith('super('));
    return named(owner.name ?? app, app, superCall === undefined ? inside(body) : behind(superCall), lastInClass(body, app));
  }
  const name = owner.name ?? 'default';
  return named(name, 'app', 'the app has no name there', noPlace);
};

const noPlace = 'the end of its routes cannot be told';

interface Owner {
  readonly shape: Shape;
  readonly name: string | undefined;
}

/** The outermost named function or class around a node. */
const ownerOf = (node: Node): Owner => {
  let owner: Owner = { shape: 'module', name: undefined };
  for (let current = node.getParent(); current !== undefined; current = current.getParent()) {
    if (Node.isClassDeclaration(current) || Node.isClassExpression(current)) owner = { shape: 'class', name: current.getName() ?? 'default' };
    else if (Node.isFunctionDeclaration(current)) owner = { shape: 'factory', name: current.getName() ?? 'default' };
    else if (Node.isArrowFunction(current) || Node.isFunctionExpression(current)) {
      const parent = current.getParent();
      const name = Node.isVariableDeclaration(parent) ? parent.getName() : Node.isExportAssignment(parent) ? 'default' : undefined;
      owner = { shape: 'factory', name: name ?? owner.name };
    }
  }
  return owner;
};

const behind = (statement: Statement): Spot => {
  const semicolon = statement.getLastChildByKind(SyntaxKind.SemicolonToken);
  const last = semicolon?.getPreviousSibling();
  // Without semicolons, one that opens the next line guards that line; to the parser it ends this statement.
  const isGuard = semicolon !== undefined && last !== undefined && statement.getSourceFile().getFullText().slice(last.getEnd(), semicolon.getStart()).includes('\n');
  return { kind: 'behind', at: isGuard ? last.getEnd() : statement.getEnd(), indentOf: statement.getStart() };
};
const inside = (block: Block): Spot => ({ kind: 'inside', at: block.getStart() + 1, indentOf: block.getStatements()[0]?.getStart() ?? block.getStart() + 1 });

const statementsAround = (statement: Statement): readonly Statement[] => {
  const parent = statement.getParent();
  return Node.isSourceFile(parent) || Node.isBlock(parent) ? parent.getStatements() : [];
};

/** True for `app.get(...)`, `routes(app)`, `app.route('/').get(...)`: something is served that was not before. */
const registers = (call: CallExpression, app: string): boolean => {
  const callee = call.getExpression();
  const name = Node.isPropertyAccessExpression(callee) ? callee.getName() : callee.getText();
  if (Node.isPropertyAccessExpression(callee) && callee.getExpression().getText() === app) return registering.has(name);
  return !starting.has(name) && call.getArguments().some((argument) => argument.getText() === app);
};

const callsIn = (node: Node): CallExpression[] => [...(Node.isCallExpression(node) ? [node] : []), ...node.getDescendantsOfKind(SyntaxKind.CallExpression)];

/** Behind the last statement of the block that gives the app something to serve. */
const lastIn = (made: Statement, app: string): Spot | string => {
  const statements = statementsAround(made);
  const following = statements.slice(statements.indexOf(made) + 1);
  if (app.startsWith('this.')) {
    const parent = made.getParent();
    return Node.isBlock(parent) && Node.isConstructorDeclaration(parent.getParent()) ? lastInClass(parent, app) : noPlace;
  }
  let last: Statement = made;
  for (const statement of following) {
    const registrations = callsIn(statement).filter((call) => registers(call, app));
    if (registrations.length === 0) continue;
    const isLate = registrations.some((call) => call.getAncestors().some((ancestor) => ancestor !== statement && Node.isFunctionLikeDeclaration(ancestor) && ancestor.getPos() >= statement.getPos()));
    if (isLate && !registrations.some((call) => call.getParent() === statement)) return 'routes are added inside of a callback';
    last = statement;
  }
  const isElsewhere = statements.some((statement) => Node.isFunctionDeclaration(statement) && callsIn(statement).some((call) => registers(call, app)));
  return isElsewhere ? 'routes are added inside of a function' : behind(last);
};

/** In a class, everything that adds routes must be reached from the constructor. */
const lastInClass = (body: Block, app: string): Spot | string => {
  const owner = body.getFirstAncestorByKind(SyntaxKind.ClassDeclaration);
  const methods = (owner?.getMethods() ?? []).filter((method) => callsIn(method).some((call) => registers(call, app)));
  const statements = body.getStatements();
  const isCall = (statement: Statement, name: string): boolean => callsIn(statement).some((call) => call.getExpression().getText() === `this.${name}`);
  const missing = methods.find((method) => !statements.some((statement) => isCall(statement, method.getName())));
  if (missing !== undefined) return `the method ${missing.getName()} adds routes and is not called by the constructor`;
  const last = statements.findLast((statement) => callsIn(statement).some((call) => registers(call, app)) || methods.some((method) => isCall(statement, method.getName())));
  return last === undefined ? inside(body) : behind(last);
};

/** A plugin that loads the others from folders is the app of a project made by fastify-cli. */
const pluginsIn = (source: SourceFile, file: string): Candidate[] => {
  const loader = source.getImportDeclarations().find((declaration) => /^(?:@fastify\/autoload|fastify-autoload)$/.test(declaration.getModuleSpecifierValue()));
  const name = loader?.getDefaultImport()?.getText() ?? loader?.getNamedImports()[0]?.getName();
  if (name === undefined) return [];
  const functions = [...source.getDescendantsOfKind(SyntaxKind.ArrowFunction), ...source.getDescendantsOfKind(SyntaxKind.FunctionDeclaration), ...source.getDescendantsOfKind(SyntaxKind.FunctionExpression)];
  return functions.flatMap((plugin): Candidate[] => {
    const app = plugin.getParameters()[0]?.getName();
    const loads = app !== undefined && callsIn(plugin).some((call) => call.getExpression().getText() === `${app}.register` && call.getArguments()[0]?.getText() === name);
    if (!loads) return [];
    const body = plugin.getBody();
    const first = Node.isBlock(body) ? inside(body) : 'the plugin has no body in braces';
    return [{ file, name: ownerOf(body ?? plugin).name ?? 'default', shape: 'plugin', app, first, last: noPlace }];
  });
};
