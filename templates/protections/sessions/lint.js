/** A rule that keeps other ways to a session from appearing (CWE-288). */

/** Where sessions are made, and the tests, which may make them by hand. */
const home = /[/\\]src[/\\]protections[/\\]sessions[/\\](?:store|sign-in)\.ts$|[/\\]tests[/\\](?:attacks|support)[/\\]/;
const message = 'Only signIn() opens sessions: limits, second factor and audit trail hang on it.';
const inSql = /\b(?:insert|merge)\s+into\s+"?sessions\b|\bcopy\s+"?sessions\b/i;

const textOf = (node) => {
  if (node === undefined) return undefined;
  if (node.type === 'Literal') return node.value;
  return node.type === 'TemplateLiteral' && node.expressions.length === 0 ? node.quasis[0].value.cooked : undefined;
};

export default {
  meta: { name: 'sessions' },
  rules: {
    'only-sign-in-opens-sessions': {
      create: (context) => {
        if (home.test(context.filename)) return {};
        return {
          CallExpression({ callee, arguments: [table] }) {
            if (callee.type !== 'MemberExpression') return;
            const name = callee.computed ? textOf(callee.property) : callee.property.name;
            const isInsert = name === 'insertInto' || name === 'mergeInto' || name === 'replaceInto';
            if (isInsert && /^(?:\w+\.)?sessions\b/.test(textOf(table) ?? '')) context.report({ node: callee, message }); // protect: A4
          },
          ImportSpecifier(node) {
            if (node.imported.name === 'insertSession') context.report({ node, message }); // protect: A4
          },
          TemplateElement(node) {
            if (inSql.test(node.value.raw)) context.report({ node, message }); // protect: A4
          },
        };
      },
    },
  },
};
