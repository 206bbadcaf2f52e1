/** Rules that keep SQL text in the hands of the query builder (CWE-89). */

/** The name of `x.name` and `x['name']`, or undefined. */
const memberName = ({ computed, property }) => {
  if (!computed) return property.name;
  return property.type === 'Literal' ? String(property.value) : undefined;
};

const isSql = ({ type, name }) => type === 'Identifier' && name === 'sql';

/** Reports `sql.<name>`, also as `sql['<name>']` and as `const { <name> } = sql`. */
const forbidOnSql = (names, message) => ({
  create: (context) => ({
    MemberExpression(node) {
      if (isSql(node.object) && names.includes(memberName(node))) context.report({ node, message });
    },
    VariableDeclarator({ id, init }) {
      if (id.type !== 'ObjectPattern' || init === null || init === undefined || !isSql(init)) return;
      for (const node of id.properties) if (node.key !== undefined && names.includes(node.key.name)) context.report({ node, message });
    },
  }),
});

/** `eb.fn(name)`, `fn.agg(name)`: the name goes into the query as it is, unquoted. */
const isDynamicFunction = ({ callee, arguments: [first] }) => {
  if (first === undefined || first.type === 'Literal') return false;
  if (callee.type === 'Identifier') return callee.name === 'fn';
  if (callee.type !== 'MemberExpression') return false;
  const name = memberName(callee);
  return name === 'fn' || (name === 'agg' && callee.object.type === 'MemberExpression' && memberName(callee.object) === 'fn');
};

export default {
  meta: { name: 'database' },
  rules: {
    'no-raw-sql': forbidOnSql(['raw'], 'sql.raw puts text into the query as it is: bind values with sql`${value}`, name columns with sql.ref.'),
    'no-literal-sql': forbidOnSql(['lit', 'literal'], 'sql.lit puts a value into the query as it is: bind it with sql`${value}`.'),
    'no-dynamic-function': {
      create: (context) => ({
        CallExpression(node) {
          if (isDynamicFunction(node)) context.report({ node, message: 'A function name is emitted unquoted: write it as a literal.' });
        },
      }),
    },
  },
};
