import Handlebars from 'handlebars';

/**
 * The code of a function that renders a Handlebars template, `(context) => text`, on src/render/prose-runtime.ts.
 * @throws Error for what the templates of this repo do not use so far.
 */
export const compiledProse = (source: string): string => `(c0) => ${program(Handlebars.parse(source), 0)}`;

/** The contexts around a place: `c0` is that of the template, each `{{#each}}` adds one. */
type Depth = number;

const program = ({ body }: hbs.AST.Program, depth: Depth): string =>
  body.map((statement) => `\n  ${code(statement, depth)}`).join(' +') || "''";

const code = (statement: hbs.AST.Statement, depth: Depth): string => {
  if (isContent(statement)) return JSON.stringify(statement.value);
  if (isMustache(statement)) return mustache(statement, depth);
  if (isBlock(statement)) return block(statement, depth);
  if (statement.type === 'CommentStatement') return "''";
  throw new Error(`Templates do not use ${statement.type}.`);
};

const isContent = (node: hbs.AST.Node): node is hbs.AST.ContentStatement => node.type === 'ContentStatement';
const isMustache = (node: hbs.AST.Node): node is hbs.AST.MustacheStatement => node.type === 'MustacheStatement';
const isBlock = (node: hbs.AST.Node): node is hbs.AST.BlockStatement => node.type === 'BlockStatement';
const isPath = (node: hbs.AST.Node): node is hbs.AST.PathExpression => node.type === 'PathExpression';

const mustache = ({ path, params }: hbs.AST.MustacheStatement, depth: Depth): string => {
  const [first] = params;
  if (first === undefined) return `shown(${value(path, depth)})`;
  if (!isPath(path) || path.original !== 'json' || params.length > 1) throw new Error('The only helper is {{json value}}.');
  return `JSON.stringify(${value(first, depth)})`;
};

const block = ({ path, params, program: then, inverse }: hbs.AST.BlockStatement, depth: Depth): string => {
  const [subject] = params;
  if (subject === undefined || params.length > 1) throw new Error(`{{#${path.original}}} takes one value.`);
  const given = value(subject, depth);
  const inner = depth + 1;
  const otherwise = (otherDepth: Depth): string => (inverse ? program(inverse, otherDepth) : "''");
  switch (path.original) {
    case 'if':
      return `(holds(${given}) ? ${program(then, depth)} : ${otherwise(depth)})`;
    case 'unless':
      return `(holds(${given}) ? ${otherwise(depth)} : ${program(then, depth)})`;
    case 'each':
      return `each(${given}, (c${inner}, key${inner}, first${inner}, last${inner}) => ${program(then, inner)}, () => ${otherwise(depth)})`;
    default:
      throw new Error(`Templates do not use {{#${path.original}}}.`);
  }
};

const value = (node: hbs.AST.Expression, depth: Depth): string => {
  if (!isPath(node)) throw new Error(`Templates do not use ${node.type}.`);
  const { data, depth: up, parts, original } = node;
  const [head, ...rest] = parts;
  if (data && head === 'root') return rest.reduce(lookup, 'c0');
  if (data && up === 0 && depth > 0 && (head === 'key' || head === 'index' || head === 'first' || head === 'last') && rest.length === 0) {
    return `${head === 'index' ? 'key' : head}${depth}`;
  }
  if (data || up > depth) throw new Error(`There is no {{${original}}} here.`);
  return parts.reduce(lookup, `c${depth - up}`);
};

const lookup = (from: string, name: string): string => `lookup(${from}, ${JSON.stringify(name)})`;
