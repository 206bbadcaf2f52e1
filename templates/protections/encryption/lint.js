/** Rules that keep ciphers in one place, and guesses out of secrets (CWE-327, CWE-338). */

/** Where encryption is made, and where what others encrypted is opened. */
const home = /[/\\]src[/\\](?:services[/\\]keys[/\\]aead|protections[/\\]encryption[/\\]legacy[/\\][\w-]+)\.ts$/;
const tests = /[/\\]tests[/\\]/;

const ciphers = new Set(['createCipheriv', 'createDecipheriv', 'publicEncrypt', 'privateEncrypt']);
const subtle = new Set(['encrypt', 'decrypt']);

/** The name of `x.name` and `x['name']`, or undefined. */
const memberName = ({ computed, property }) => {
  if (!computed) return property.name;
  return property.type === 'Literal' ? String(property.value) : undefined;
};

const isNamed = (node, name) => node.name === name || (node.type === 'MemberExpression' && memberName(node) === name);

const noOwnCipher = {
  create: (context) => {
    if (home.test(context.filename) || tests.test(context.filename)) return {};
    const message = 'Encrypt with seal() of #src/protections/encryption: one algorithm, bound to its place, with a key that rotates.';
    return {
      ImportSpecifier: (node) => {
        if (ciphers.has(node.imported.name)) context.report({ node, message }); // protect: Q445
      },
      MemberExpression: (node) => {
        const name = memberName(node);
        if (ciphers.has(name) || (subtle.has(name) && isNamed(node.object, 'subtle'))) context.report({ node, message }); // protect: Q445
      },
    };
  },
};

const noMathRandom = {
  create: (context) => {
    if (tests.test(context.filename)) return {};
    const message = 'Math.random can be guessed: use newToken() of #src/protections/encryption, or randomInt of node:crypto.';
    return {
      MemberExpression: (node) => {
        if (isNamed(node.object, 'Math') && memberName(node) === 'random') context.report({ node, message }); // protect: Q445
      },
      VariableDeclarator: ({ id, init }) => {
        if (init?.name === 'Math' && id.type === 'ObjectPattern') context.report({ node: id, message }); // protect: Q445
      },
    };
  },
};

export default {
  meta: { name: 'encryption' },
  rules: { 'no-own-cipher': noOwnCipher, 'no-math-random': noMathRandom },
};
