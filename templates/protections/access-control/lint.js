/** Rules that keep fields from leaving a table by themselves (CWE-213). */

const everyColumn = ['selectAll', 'returningAll'];
const message = 'This also takes columns that are added later: name the columns that may leave.';

export default {
  meta: { name: 'access-control' },
  rules: {
    'no-select-all': {
      create: (context) => ({
        CallExpression({ callee }) {
          if (callee.type !== 'MemberExpression') return;
          const name = callee.computed ? callee.property.value : callee.property.name;
          if (everyColumn.includes(name)) context.report({ node: callee, message }); // protect: Q455
        },
      }),
    },
  },
};
