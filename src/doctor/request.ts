import { ts } from 'ts-morph';
import type { Repository } from './repository.ts';
import type { SourceText } from './source-text.ts';
import { declarationOf, isConst, isFunction, methodOf, plain } from './syntax.ts';

const verbs: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete', 'all', 'head', 'options', 'use']);

/** What a client decides. */
const decided: ReadonlySet<string> = new Set(['query', 'body', 'params', 'headers', 'cookies', 'signedCookies', 'rawBody']);

/** The call that registers a function as a route: `app.get('/path', handler)`. */
const routeOf = (handler: ts.Node): ts.CallExpression | undefined => {
  const { parent } = handler;
  if (parent === undefined || !ts.isCallExpression(parent)) return undefined;
  const [path] = parent.arguments;
  if (!verbs.has(methodOf(parent) ?? '') || path === undefined || path === handler) return undefined;
  return ts.isStringLiteralLike(path) || ts.isTemplateExpression(path) || ts.isRegularExpressionLiteral(path) || ts.isArrayLiteralExpression(path) ? parent : undefined;
};

const typeText = (parameter: ts.ParameterDeclaration): string | undefined => parameter.type?.getText();
const nameText = (parameter: ts.ParameterDeclaration | undefined): string => (parameter !== undefined && ts.isIdentifier(parameter.name) ? parameter.name.text : '');
const isReplyName = (name: string): boolean => /^_?(?:res|resp|response|reply|rep)$/.test(name);

/** Whether a parameter is the request of a handler. */
const isRequestParameter = (parameter: ts.ParameterDeclaration): boolean => {
  const type = typeText(parameter);
  if (type !== undefined) return /^(?:\w+\.)?(?:Request|FastifyRequest|ExpressRequest|AuthenticatedRequest)\b/.test(type);
  const handler = parameter.parent;
  if (!isFunction(handler)) return false;
  const index = handler.parameters.indexOf(parameter);
  if (routeOf(handler) !== undefined) return index === (handler.parameters.length === 4 ? 1 : 0);
  return isReplyName(nameText(handler.parameters[index + 1])) && (ts.isObjectBindingPattern(parameter.name) || /^_?(?:req|request)$/.test(nameText(parameter)));
};

const isReplyParameter = (parameter: ts.ParameterDeclaration): boolean => {
  const type = typeText(parameter);
  if (type !== undefined) return /^(?:\w+\.)?(?:Response|FastifyReply|ExpressResponse)\b/.test(type);
  const handler = parameter.parent;
  if (!isFunction(handler)) return false;
  const before = handler.parameters[handler.parameters.indexOf(parameter) - 1];
  return before !== undefined && isRequestParameter(before);
};

const parameterOf = (node: ts.Expression): ts.ParameterDeclaration | undefined => {
  const value = plain(node);
  const declaration = ts.isIdentifier(value) ? declarationOf(value) : undefined;
  return declaration !== undefined && ts.isParameter(declaration) ? declaration : undefined;
};

/** Whether an expression is the request of a handler itself. */
export const isRequest = (node: ts.Expression): boolean => {
  const parameter = parameterOf(node);
  return parameter !== undefined && isRequestParameter(parameter);
};

const isReply = (node: ts.Expression): boolean => {
  const parameter = parameterOf(node);
  return parameter !== undefined && isReplyParameter(parameter);
};

/** The methods called on the reply of a handler in one chain: `['status', 'redirect']` for the call of `redirect`; undefined for any other call. */
export const replyChain = (call: ts.CallExpression): string[] | undefined => {
  const names: string[] = [];
  let node: ts.Expression = call;
  while (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    names.unshift(node.expression.name.text);
    node = plain(node.expression.expression);
  }
  return names.length > 0 && isReply(node) ? names : undefined;
};

/** Something that a client decides. */
export interface Untrusted {
  /** As it stands in the source: `req.query.next`. */
  readonly text: string;
  /** What else the function calls it. */
  readonly names: readonly string[];
  /** The function that has the request. */
  readonly handler: ts.Node;
}

/** Calls that give their subject back with another look. */
const passing: ReadonlySet<string> = new Set(['toString', 'trim', 'toLowerCase', 'toUpperCase', 'normalize', 'at', 'decode']);
const passingFunctions: ReadonlySet<string> = new Set(['String', 'decodeURIComponent', 'decodeURI', 'unescape']);

const handlerOf = (parameter: ts.ParameterDeclaration): ts.Node => parameter.parent;

/** Data of the request behind an expression, without asking whether somebody looks at it first. */
const originOf = (node: ts.Expression, depth = 0): Untrusted | undefined => {
  if (depth > 8) return undefined;
  const value = plain(node);
  const next = (inner: ts.Expression): Untrusted | undefined => originOf(inner, depth + 1);
  if (ts.isIdentifier(value)) {
    const found = originOfName(value, depth);
    return found === undefined ? undefined : { ...found, names: [...found.names, value.text] };
  }
  if (ts.isPropertyAccessExpression(value) || ts.isElementAccessExpression(value)) {
    const name = ts.isPropertyAccessExpression(value) ? value.name.text : '';
    if (name === 'length') return undefined;
    const parameter = parameterOf(value.expression);
    if (parameter !== undefined && isRequestParameter(parameter)) return decided.has(name) ? { text: value.getText(), names: [], handler: handlerOf(parameter) } : undefined;
    const owner = next(value.expression);
    return owner === undefined ? undefined : { ...owner, text: value.getText() };
  }
  if (ts.isCallExpression(value)) {
    const [first] = value.arguments;
    if (ts.isIdentifier(value.expression)) return passingFunctions.has(value.expression.text) && first !== undefined ? next(first) : undefined;
    const method = methodOf(value) ?? '';
    if (!ts.isPropertyAccessExpression(value.expression)) return undefined;
    const parameter = parameterOf(value.expression.expression);
    if (parameter !== undefined && isRequestParameter(parameter)) return ['get', 'header', 'param'].includes(method) && first !== undefined ? { text: value.getText(), names: [], handler: handlerOf(parameter) } : undefined;
    return passing.has(method) ? next(value.expression.expression) : undefined;
  }
  if (ts.isAwaitExpression(value)) return next(value.expression);
  if (ts.isConditionalExpression(value)) return next(value.whenTrue) ?? next(value.whenFalse);
  if (ts.isBinaryExpression(value) && [ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken].includes(value.operatorToken.kind)) return next(value.left) ?? next(value.right);
  return undefined;
};

const originOfName = (node: ts.Identifier, depth: number): Untrusted | undefined => {
  const declaration = declarationOf(node);
  if (declaration === undefined) return undefined;
  if (ts.isVariableDeclaration(declaration)) return declaration.initializer !== undefined && isConst(declaration) ? originOf(declaration.initializer, depth + 1) : undefined;
  if (!ts.isBindingElement(declaration) || declaration.dotDotDotToken !== undefined) return undefined;
  const path: string[] = [];
  let element: ts.Node = declaration;
  while (ts.isBindingElement(element)) {
    if (!ts.isObjectBindingPattern(element.parent)) return undefined;
    const name = element.propertyName ?? element.name;
    if (!ts.isIdentifier(name)) return undefined;
    path.unshift(name.text);
    element = element.parent.parent;
  }
  const [first = ''] = path;
  if (ts.isParameter(element)) return isRequestParameter(element) && decided.has(first) ? { text: path.join('.'), names: [], handler: handlerOf(element) } : undefined;
  if (!ts.isVariableDeclaration(element) || element.initializer === undefined || !isConst(element)) return undefined;
  const parameter = parameterOf(element.initializer);
  if (parameter !== undefined && isRequestParameter(parameter)) return decided.has(first) ? { text: `${element.initializer.getText()}.${path.join('.')}`, names: [], handler: handlerOf(parameter) } : undefined;
  const owner = originOf(element.initializer, depth + 1);
  return owner === undefined ? undefined : { ...owner, text: `${owner.text}.${path.join('.')}` };
};

const validates = /valid|schema|check|pars|sanit|celebrate|joi|zod|ajv|guard|allow|typebox/i;
const validators = ['express-validator', 'celebrate', 'joi', 'zod', 'yup', 'ajv', 'valibot', 'superstruct', 'express-openapi-validator', 'zod-express-middleware', 'express-zod-api', 'class-validator', 'typebox', '@sinclair/typebox'];

const validating = new WeakMap<SourceText, boolean>();

/** Whether something that validates is registered for more than one route. */
const validatesAll = (source: SourceText): boolean => {
  const answer = validating.get(source) ?? /\.use\([^;]{0,200}(?:valid|openapi|schema|sanit)/i.test(source.text);
  validating.set(source, answer);
  return answer;
};

const globalValidators = ['express-openapi-validator', 'openapi-backend', 'express-openapi', 'express-mongo-sanitize'];

/** `app.route({ schema, handler(request, reply) { ... } })` */
const isInValidatedRoute = (handler: ts.Node): boolean => {
  const member = ts.isPropertyAssignment(handler.parent) ? handler.parent : handler;
  return ts.isObjectLiteralExpression(member.parent) && member.parent.properties.some(({ name }) => name !== undefined && /^(?:schema|preValidation|preHandler|onRequest)$/.test(name.getText()));
};

/** A use that neither decides nor tells anything about the value. `names`: what the function calls it on its way to the sink. */
const isHarmlessUse = (use: ts.Node, names: readonly string[]): boolean => {
  let child = use;
  for (let parent = use.parent; parent !== undefined; child = parent, parent = parent.parent) {
    if (ts.isTypeOfExpression(parent)) return true;
    if (ts.isPrefixUnaryExpression(parent) || ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent) || ts.isNonNullExpression(parent)) continue;
    if (ts.isIfStatement(parent) || ts.isConditionalExpression(parent)) return true;
    if (ts.isBinaryExpression(parent)) {
      const kind = parent.operatorToken.kind;
      if (kind === ts.SyntaxKind.AmpersandAmpersandToken) continue;
      if (kind === ts.SyntaxKind.BarBarToken || kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.PlusToken) return true;
      const other = parent.left === child ? parent.right : parent.left;
      return ['undefined', 'null', "''", '""'].includes(other.getText());
    }
    if (ts.isPropertyAccessExpression(parent) && parent.expression === child) {
      // A part of it, or a call of what it has: only what does not tell anything about it.
      if (!ts.isCallExpression(parent.parent) || parent.parent.expression !== parent) continue;
      if (!passing.has(parent.name.text)) return false;
      parent = parent.parent;
      continue;
    }
    if (ts.isCallExpression(parent)) {
      if (parent.expression === child) return false;
      const callee = parent.expression.getText();
      if (passingFunctions.has(callee)) continue;
      return /^(?:console|\w*log(?:ger)?)\.|\.log\.\w+$|\.isArray$|\.(?:json|send|end|status|redirect)$/.test(callee);
    }
    // Under another name it may be looked at unseen.
    if (ts.isVariableDeclaration(parent)) return parent.name === child || namesIn(parent.name).some((name) => names.includes(name));
    return ts.isTemplateSpan(parent) || ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent) || ts.isExpressionStatement(parent) || ts.isReturnStatement(parent) || ts.isBindingElement(parent);
  }
  return true;
};

const isInside = (node: ts.Node, outer: ts.Node): boolean => node.getStart() >= outer.getStart() && node.getEnd() <= outer.getEnd();

/** Whether something in the handler, or in front of it, looks at the value before it is used at `sink`. */
const isExamined = ({ text, names, handler }: Untrusted, sink: ts.Node, source: SourceText, { packages }: Repository): boolean => {
  const route = routeOf(handler);
  const around = route === undefined ? [] : route.arguments.slice(1).filter((argument) => argument !== handler);
  if (around.some((argument) => validates.test(argument.getText()))) return true;
  if (route === undefined && (validators.some((name) => packages.has(name)) || isInValidatedRoute(handler))) return true;
  // Something that looks at every request.
  if (globalValidators.some((name) => packages.has(name)) || validatesAll(source)) return true;
  return lookedAt(handler, source, text, names).some((use) => !isInside(use, sink));
};

const namesIn = (name: ts.BindingName): string[] => (ts.isIdentifier(name) ? [name.text] : name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : [])));

interface Uses {
  /** Names and accesses by their text. */
  readonly byText: ReadonlyMap<string, readonly ts.Node[]>;
  readonly telling: Map<string, readonly ts.Node[]>;
}

const usesOf = new WeakMap<ts.Node, Uses>();

const isName = (node: ts.Node): boolean => {
  const { parent } = node;
  return ((ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node) || (ts.isBindingElement(parent) && parent.propertyName === node);
};

const collect = (handler: ts.Node, source: SourceText): Uses => {
  const byText = new Map<string, ts.Node[]>();
  const isUse = (node: ts.Node): node is ts.Node => (ts.isIdentifier(node) && !isName(node)) || ((ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node) || ts.isCallExpression(node)) && node.getEnd() - node.getStart() < 200);
  for (const node of source.all(isUse, handler)) {
    const text = node.getText();
    const known = byText.get(text);
    if (known === undefined) byText.set(text, [node]);
    else known.push(node);
  }
  return { byText, telling: new Map() };
};

/** Where a handler looks at a value: by itself, by what it calls it, or by what holds it: `schema.parse(req.query)`. */
const lookedAt = (handler: ts.Node, source: SourceText, text: string, names: readonly string[]): readonly ts.Node[] => {
  const uses = usesOf.get(handler) ?? collect(handler, source);
  usesOf.set(handler, uses);
  const key = [text, ...names].join(' ');
  const known = uses.telling.get(key);
  if (known !== undefined) return known;
  const holder = text.split('.').slice(0, 2).join('.');
  const all = [...new Set([text, ...names])].flatMap((each) => uses.byText.get(each) ?? []);
  // Another member of what holds it says nothing about this one.
  const held = holder === text ? [] : (uses.byText.get(holder) ?? []).filter(({ parent }) => !ts.isPropertyAccessExpression(parent) && !ts.isElementAccessExpression(parent));
  const telling = [...all, ...held].filter((use) => !isHarmlessUse(use, names));
  uses.telling.set(key, telling);
  return telling;
};

/** Data of the client that reaches `sink` as it came; undefined when that is not certain. */
export const untrusted = (node: ts.Expression, sink: ts.Node, source: SourceText, repository: Repository): Untrusted | undefined => {
  const found = originOf(node);
  return found === undefined || isExamined(found, sink, source, repository) ? undefined : found;
};

/** Whether an expression is the error that an error handler, or a catch, was given. */
export const isCaught = (node: ts.Expression): boolean => {
  const value = plain(node);
  const declaration = ts.isIdentifier(value) ? declarationOf(value) : undefined;
  if (declaration === undefined) return false;
  if (ts.isVariableDeclaration(declaration)) return ts.isCatchClause(declaration.parent);
  if (!ts.isParameter(declaration) || !isFunction(declaration.parent)) return false;
  const { parameters } = declaration.parent;
  return parameters[0] === declaration && parameters.length >= 3 && parameters[1] !== undefined && (isRequestParameter(parameters[1]) || /^_?(?:req|request)$/.test(nameText(parameters[1])));
};

