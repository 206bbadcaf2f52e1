import { Node, type ObjectLiteralExpression, type PropertyAssignment, Project } from 'ts-morph';
import { type Outcome, already, applied, cannot, insertAll } from './outcome.ts';

const fields = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'] as const;

/** The text as an object; JSON is an expression of JavaScript. */
const objectOf = (text: string): ObjectLiteralExpression | undefined => {
  const source = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true }).createSourceFile('package.json.ts', `(${text.replace(/^\uFEFF/, ' ')}\n)`);
  const [statement, ...others] = source.getStatements();
  const expression = Node.isExpressionStatement(statement) ? statement.getExpression() : undefined;
  const inner = Node.isParenthesizedExpression(expression) ? expression.getExpression() : undefined;
  return others.length === 0 && Node.isObjectLiteralExpression(inner) ? inner : undefined;
};

const propertiesOf = (object: ObjectLiteralExpression): PropertyAssignment[] => object.getProperties().filter((property) => Node.isPropertyAssignment(property));

const keyOf = (property: PropertyAssignment): string => {
  const name = property.getNameNode();
  return Node.isStringLiteral(name) ? name.getLiteralValue() : name.getText();
};

const objectAt = (object: ObjectLiteralExpression, field: string): ObjectLiteralExpression | undefined => {
  const value = propertiesOf(object).find((property) => keyOf(property) === field)?.getInitializer();
  return Node.isObjectLiteralExpression(value) ? value : undefined;
};

/**
 * Puts dependencies into package.json, each where the alphabet wants it. Every other byte stays.
 * @param versions name -> version, for what is not there yet.
 */
export const addDependencies = (text: string, field: 'dependencies' | 'devDependencies', versions: ReadonlyMap<string, string>, file = 'package.json'): Outcome => {
  const entry = ([name, version]: readonly [string, string]): string => `${JSON.stringify(name)}: ${JSON.stringify(version)}`;
  const root = objectOf(text);
  const had = new Set(root === undefined ? [] : fields.flatMap((each) => propertiesOf(objectAt(root, each) ?? root).flatMap((property) => (objectAt(root, each) === undefined ? [] : [keyOf(property)]))));
  const wanted = [...versions].filter(([name]) => !had.has(name)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (wanted.length === 0) return already(text);
  const last = root === undefined ? undefined : propertiesOf(root).at(-1);
  if (root === undefined || last === undefined) return cannot(`${file} is no object that could hold "${field}"`, [{ file, where: `in "${field}"`, text: wanted.map(entry).join(',\n') }]);

  // One is the parenthesis that makes an expression of it.
  const place = (offset: number): number => offset - 1;
  const isMinified = !text.trim().includes('\n');
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = /^([\t ]+)"/m.exec(text)?.[1] ?? '  ';
  const [outer, inner] = isMinified ? ['', ''] : [`${eol}${indent}`, `${eol}${indent}${indent}`];
  const object = objectAt(root, field);
  if (object === undefined) return applied(insertAll(text, [{ at: place(last.getEnd()), text: `,${outer}"${field}": {${wanted.map((each) => inner + entry(each)).join(',')}${outer}}` }]));

  const entries = propertiesOf(object);
  const [first] = entries;
  if (first === undefined) {
    const isOpen = object.getText().includes('\n');
    return applied(insertAll(text, [{ at: place(object.getStart() + 1), text: `${wanted.map((each) => inner + entry(each)).join(',')}${isOpen ? '' : outer}` }]));
  }
  const lead = text.slice(place(object.getStart() + 1), place(first.getStart()));
  const separator = lead.includes('\n') ? inner : lead;
  const insertions = wanted.map((each) => {
    const before = entries.findLast((property) => keyOf(property) < each[0]);
    return before === undefined ? { at: place(first.getStart()), text: `${entry(each)},${separator}` } : { at: place(before.getEnd()), text: `,${separator}${entry(each)}` };
  });
  return applied(insertAll(text, insertions));
};
