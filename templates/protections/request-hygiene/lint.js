/** Header names that come from a value: whoever can choose the name can choose Set-Cookie (CWE-113). */

const setters = new Set(['setHeader', 'appendHeader', 'header']);

/** Here answers become bytes: the names were checked before. */
const home = /[/\\]src[/\\](?:http|protections[/\\](?:headers|errors))[/\\]/;

const isFixed = ({ type, expressions }) => type === 'Literal' || (type === 'TemplateLiteral' && expressions.length === 0);

/** Constants of this file or another, by their convention: `CSP`, `cspHeader` is none. */
const isConstant = ({ type, name }) => type === 'Identifier' && /^[A-Z][A-Z0-9_]*$/.test(name);

const isHeaderObject = ({ parent }) => {
  if (parent.type === 'Property') return parent.key.name === 'headers' || parent.key.value === 'headers';
  return parent.type === 'CallExpression' && ['ok', 'created', 'writeHead'].includes(parent.callee.name ?? parent.callee.property?.name);
};

const noComputedHeaderName = {
  create: (context) => {
    if (home.test(context.filename)) return {};
    const check = (node, name) => {
      if (isFixed(name) || isConstant(name)) return;
      context.report({ node, message: 'Write the name of a header as a literal: whoever chooses it can set a cookie.' }); // protect: Q407
    };
    return {
      CallExpression: (node) => {
        const { callee, arguments: given } = node;
        if (callee.type === 'MemberExpression' && setters.has(callee.property.name) && given.length > 1) check(node, given[0]);
      },
      ObjectExpression: (node) => {
        if (!isHeaderObject(node)) return;
        for (const property of node.properties) if (property.computed) check(property, property.key);
      },
    };
  },
};

export default { meta: { name: 'request-hygiene' }, rules: { 'no-computed-header-name': noComputedHeaderName } };
