/** Redirects and refusals that change nothing because the code runs on, or that lead where the request says (CWE-698, CWE-601). */

const redirectHelpers = new Set(['redirectTo', 'askToSignIn']);
const rawSenders = new Set(['setHeader', 'appendHeader', 'header', 'headers', 'set', 'append', 'writeHead']);

/** Where the helpers themselves are made, and tests, whose fixtures nobody visits. */
const home = /[/\\](?:tests|src[/\\]protections[/\\](?:app-core|host-check|redirects))[/\\]/;

const calledName = ({ callee }) => {
  if (callee.type === 'Identifier') return callee.name;
  return callee.type === 'MemberExpression' && !callee.computed ? callee.property.name : undefined;
};

/** What passes the value of `node` on unchanged: `a ? node : b`, `x ?? node`, `await node`. */
const isPassedOn = (node, { type, test, right }) =>
  type === 'AwaitExpression' || (type === 'ConditionalExpression' && test !== node) || (type === 'LogicalExpression' && right === node);

/** The place where the value of an expression ends up. */
const destinationOf = (node) => {
  let value = node;
  while (isPassedOn(value, value.parent)) value = value.parent;
  const { parent } = value;
  if (parent.type === 'ArrowFunctionExpression') return parent.body === value ? 'return' : 'other';
  return { ReturnStatement: 'return', ThrowStatement: 'throw', ExpressionStatement: 'nowhere' }[parent.type] ?? 'other';
};

const returnRedirect = {
  create: (context) => ({
    CallExpression: (node) => {
      if (!redirectHelpers.has(calledName(node)) || destinationOf(node) === 'return') return;
      context.report({ node, message: 'Return the redirect: the code behind it would run.' }); // protect: G3
    },
  }),
};

const throwProblem = {
  create: (context) => ({
    NewExpression: (node) => {
      if (node.callee.name !== 'Problem' || destinationOf(node) !== 'nowhere') return;
      context.report({ node, message: 'Throw the problem: made and dropped, it refuses nothing.' }); // protect: G3
    },
  }),
};

const nameOf = ({ key, computed }) => {
  if (key === undefined || (computed && key.type !== 'Literal')) return undefined;
  return String(key.name ?? key.value).toLowerCase();
};

const namesLocation = (node) => {
  if (node.type === 'Literal') return typeof node.value === 'string' && node.value.toLowerCase() === 'location';
  return node.type === 'ObjectExpression' && node.properties.some((property) => nameOf(property) === 'location');
};

const noRawRedirect = {
  create: (context) => {
    if (home.test(context.filename)) return {};
    const message = 'Redirect by redirectTo(), to a path that urlFor, ownPath or safeRedirect made.';
    return {
      CallExpression: (node) => {
        const name = node.callee.type === 'MemberExpression' ? calledName(node) : undefined;
        const isRaw = name === 'redirect' || (rawSenders.has(name) && node.arguments.some(namesLocation));
        if (isRaw) context.report({ node, message }); // protect: Q441
      },
      Property: (node) => {
        if (nameOf(node) === 'headers' && namesLocation(node.value)) context.report({ node, message }); // protect: Q441
      },
    };
  },
};

export default {
  meta: { name: 'redirects' },
  rules: { 'return-redirect': returnRedirect, 'throw-problem': throwProblem, 'no-raw-redirect': noRawRedirect },
};
