/** Comparing a secret character by character tells how much of a guess was right (CWE-208). */

const operators = new Set(['==', '===', '!=', '!==']);
/** `token`, `resetToken`, `RESET_TOKEN`, `reset_token`; not `stoken`. */
const secret = /^(?:.*[a-z\d](?=[A-Z])|.*_)?(?:[Tt]oken|[Ss]ecret|[Ss]ignature|[Hh]ash|[Dd]igest|[Hh]mac|[Mm]ac|[Pp]ass(?:word|phrase)|[Oo]tp|[Aa]pi_?[Kk]ey|[A-Z_]*(?:TOKEN|SECRET|SIGNATURE|HASH|DIGEST|PASSWORD|API_KEY))$/;

const nameOf = (node) => {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'ChainExpression') return nameOf(node.expression);
  if (node.type !== 'MemberExpression') return '';
  return node.computed ? String(node.property.value ?? '') : node.property.name;
};

/** `undefined`, `null`, `''`, `0`: whether there is a secret is no secret. */
const isKnown = ({ type, name, operator, expressions }) =>
  type === 'Literal' || operator === 'typeof' || (type === 'Identifier' && name === 'undefined') || (type === 'TemplateLiteral' && expressions.length === 0);

/** Tests compare what they know with what they know. */
const tests = /[/\\](?:tests|scripts)[/\\]/;

export default {
  meta: { name: 'auth-password' },
  rules: {
    'no-plain-compare': {
      create: (context) => {
        if (tests.test(context.filename)) return {};
        return {
          BinaryExpression(node) {
            const sides = [node.left, node.right];
            if (!operators.has(node.operator) || sides.some(isKnown) || !sides.some((side) => secret.test(nameOf(side)))) return;
            context.report({ node, message: 'Compare secrets by safeEqual(): this stops at the first difference.' }); // protect: Q405
          },
        };
      },
    },
  },
};
