/** Writes that take their columns from the caller, and code that is made from data (CWE-915, CWE-502, CWE-1333). */

const inputNames = new Set(['body', 'query', 'params', 'input']);
const writers = new Set(['set', 'values', 'doUpdateSet', 'assign']);
const codeModules = new Set(['vm', 'node:vm', 'node-serialize', 'serialize-javascript', 'funcster', 'cryo']);

/** `body`, `input.body`, `request.body.profile`: what a caller sent, unselected. */
const isInput = (node) => {
  if (node.type === 'Identifier') return inputNames.has(node.name);
  if (node.type !== 'MemberExpression' || node.computed) return false;
  return inputNames.has(node.property.name) || isInput(node.object);
};

/** `db.set()` and `Object.assign()`, but not `Object.values()`. */
const writes = ({ callee }) =>
  callee.type === 'MemberExpression' &&
  !callee.computed &&
  writers.has(callee.property.name) &&
  !(callee.property.name === 'values' && callee.object.name === 'Object');

/** `input.body.name` is one declared field; `input.body` and `{ ...input.body }` are all of them. */
const isWholeInput = (node) =>
  node.type === 'Identifier'
    ? inputNames.has(node.name)
    : node.type === 'MemberExpression' && !node.computed && inputNames.has(node.property.name);

const calledName = ({ callee }) => (callee.type === 'MemberExpression' && !callee.computed ? callee.property.name : undefined);

const noInputSpread = {
  create: (context) => ({
    SpreadElement: (node) => {
      if (node.parent.type !== 'ObjectExpression' || !isInput(node.argument)) return;
      context.report({ node, message: 'Name the fields: a spread of input sets whatever the caller sends.' }); // protect: Q413
    },
    CallExpression: (node) => {
      if (!writes(node) || !node.arguments.some(isWholeInput)) return;
      context.report({ node, message: 'Name the columns: input passed whole sets whatever the caller sends.' }); // protect: Q413
    },
  }),
};

const sourceOf = (node) => (node.source?.type === 'Literal' ? node.source.value : undefined);

const fromV8 = 'v8.deserialize trusts its input: parse JSON instead.';
const decoders = /^(?:deserialize|Deserializer|DefaultDeserializer)$/;

const noCodeFromData = {
  create: (context) => {
    const checkSource = (node) => {
      if (codeModules.has(sourceOf(node))) context.report({ node, message: 'This module turns data into code.' }); // protect: Q419
    };
    return {
      ImportDeclaration: (node) => {
        checkSource(node);
        if (!/^(?:node:)?v8$/.test(sourceOf(node))) return;
        if (!node.specifiers.some(({ imported }) => decoders.test(imported?.name))) return;
        context.report({ node, message: fromV8 }); // protect: Q419
      },
      ImportExpression: checkSource,
      ExportNamedDeclaration: checkSource,
      CallExpression: (node) => {
        if (calledName(node) !== 'deserialize' || node.callee.object.name !== 'v8') return;
        context.report({ node, message: fromV8 }); // protect: Q419
      },
    };
  },
};

const isConstant = (node) =>
  node === undefined || node.type === 'Literal' || (node.type === 'TemplateLiteral' && node.expressions.every(isConstantPart));

/** Fixed text, an escaped text, the source of another pattern, or a constant by its name: `LABEL`. */
const isConstantPart = (node) =>
  isConstant(node) ||
  (node.type === 'MemberExpression' && node.property.name === 'source') ||
  (node.type === 'Identifier' && /^[A-Z][A-Z\d_]*$/.test(node.name)) ||
  (node.type === 'CallExpression' && calledName(node) === 'escape');

const noUnescapedPattern = {
  create: (context) => {
    // No user writes the patterns of a test.
    if (/[\\/]tests[\\/]/.test(context.filename)) return {};
    const check = (node) => {
      if (node.callee.name !== 'RegExp' || isConstantPart(node.arguments[0])) return;
      context.report({ node, message: 'Escape the text with RegExp.escape, or use literal(): a pattern is a program.' }); // protect: Q468
    };
    return { NewExpression: check, CallExpression: check };
  },
};

export default {
  meta: { name: 'validation' },
  rules: { 'no-input-spread': noInputSpread, 'no-code-from-data': noCodeFromData, 'no-unescaped-pattern': noUnescapedPattern },
};
