/** Rules that keep SQL text in the hands of the query builder (CWE-89). */

/** The name of `x.name` and `x['name']`, or undefined. */
const memberName = ({ computed, property }) => {
  if (!computed) return property.name;
  return property.type === 'Literal' ? String(property.value) : undefined;
};

const isSql = ({ type, name }) => type === 'Identifier' && name === 'sql';

/** Reports `sql.<name>`, also as `sql['<name>']`, as `const { <name> } = sql`, and any other name for `sql`. */
const forbidOnSql = (names, message) => ({
  create: (context) => ({
    MemberExpression(node) {
      if (isSql(node.object) && names.includes(memberName(node))) context.report({ node, message }); // protect: Q401
    },
    ImportSpecifier(node) {
      if (node.imported.name === 'sql' && node.local.name !== 'sql') context.report({ node, message }); // protect: Q401
    },
    VariableDeclarator({ id, init }) {
      if (id.type !== 'ObjectPattern' || init === null || init === undefined || !isSql(init)) return;
      const taken = id.properties.filter(({ key }) => key === undefined || key.type !== 'Identifier' || names.includes(key.name));
      for (const node of taken) context.report({ node, message }); // protect: Q401
    },
  }),
});

const isFn = (node) => node.name === 'fn' || (node.type === 'MemberExpression' && memberName(node) === 'fn');

/** `eb.fn(name)`, `fn.agg(name)`: the name goes into the query as it is, unquoted. */
const isDynamicFunction = ({ callee, arguments: [first] }) => {
  if (first === undefined || first.type === 'Literal') return false;
  if (callee.type === 'Identifier') return callee.name === 'fn';
  if (callee.type !== 'MemberExpression') return false;
  const name = memberName(callee);
  return name === 'fn' || (name === 'agg' && isFn(callee.object));
};

const unquoted = 'A function name is emitted unquoted: write it as a literal.';

export default {
  meta: { name: 'database' },
  rules: {
    'no-raw-sql': forbidOnSql(
      ['raw'],
      'sql.raw puts text into the query as it is: bind values with sql`${value}`, name columns with sql.ref.',
    ),
    'no-literal-sql': forbidOnSql(['lit', 'literal'], 'sql.lit puts a value into the query as it is: bind it with sql`${value}`.'),
    'no-dynamic-function': {
      create: (context) => ({
        CallExpression(node) {
          if (isDynamicFunction(node)) context.report({ node, message: unquoted }); // protect: Q401
        },
      }),
    },
  },
};
