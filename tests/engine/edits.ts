import { format } from 'prettier';
import { ts } from 'ts-morph';

/** The same numbers for the same seed. */
export const randomFrom = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

export type Random = ReturnType<typeof randomFrom>;

/** A text somebody has worked on, and the lines of theirs that must not be lost. */
interface Worked {
  readonly text: string;
  readonly marks: readonly string[];
}

const parse = (text: string): ts.SourceFile => ts.createSourceFile('x.ts', text, ts.ScriptTarget.ESNext, true);
/** Whether it parses. */
export const isRight = (text: string): boolean => (ts.transpileModule(text, { reportDiagnostics: true, compilerOptions: { target: ts.ScriptTarget.ESNext, noCheck: true } }).diagnostics ?? []).length === 0;

const statementsIn = (file: ts.SourceFile): ts.Statement[] => {
  const found: ts.Statement[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node) || ts.isSourceFile(node)) found.push(...node.statements);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
};

/** One of a list. */
export const at = <T>(list: readonly T[], random: Random): T | undefined => list[random(Math.max(1, list.length))];

/** Edits as people make them: each leaves a text that parses. */
const edits: readonly ((text: string, mark: string, random: Random) => Worked)[] = [
  // A statement of one's own, behind another.
  (text, mark, random) => {
    const one = at(statementsIn(parse(text)).filter((statement) => !ts.isReturnStatement(statement) && !ts.isThrowStatement(statement)), random);
    if (one === undefined) return { text, marks: [] };
    const indent = /[ \t]*$/.exec(text.slice(0, one.getStart()))?.[0] ?? '';
    const line = `console.log('${mark}');`;
    return { text: `${text.slice(0, one.end)}\n${indent}${line}${text.slice(one.end)}`, marks: [mark] };
  },
  // A comment above a statement.
  (text, mark, random) => {
    const one = at(statementsIn(parse(text)), random);
    if (one === undefined) return { text, marks: [] };
    const start = one.getStart();
    const indent = /[ \t]*$/.exec(text.slice(0, start))?.[0] ?? '';
    return { text: `${text.slice(0, start)}// ${mark}\n${indent}${text.slice(start)}`, marks: [mark] };
  },
  // An import.
  (text, mark, random) => {
    const imports = parse(text).statements.filter(ts.isImportDeclaration);
    const end = at(imports, random)?.end ?? 0;
    return { text: `${text.slice(0, end)}${end === 0 ? '' : '\n'}import { ${mark} } from './${mark}.ts';${end === 0 ? '\n' : ''}${text.slice(end)}`, marks: [mark] };
  },
  // Another text in a literal.
  (text, mark, random) => {
    const literals: ts.StringLiteral[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteral(node) && !ts.isImportDeclaration(node.parent) && !ts.isPropertyAssignment(node.parent)) literals.push(node);
      ts.forEachChild(node, visit);
    };
    visit(parse(text));
    const one = at(literals, random);
    return one === undefined ? { text, marks: [] } : { text: `${text.slice(0, one.getStart())}'${mark}'${text.slice(one.end)}`, marks: [mark] };
  },
  // A statement gone.
  (text, _mark, random) => {
    const one = at(parse(text).statements.filter((statement) => !ts.isImportDeclaration(statement)), random);
    return one === undefined ? { text, marks: [] } : { text: text.slice(0, one.getFullStart()) + text.slice(one.end), marks: [] };
  },
  // A statement moved to the end.
  (text, _mark, random) => {
    const one = at(parse(text).statements.filter((statement) => !ts.isImportDeclaration(statement)), random);
    return one === undefined ? { text, marks: [] } : { text: `${text.slice(0, one.getFullStart())}${text.slice(one.end)}${one.getFullText().replace(/^\n*/, '\n')}\n`, marks: [] };
  },
];

/** Several edits, one after the other; marks that a later edit took away again are not the merge's to keep. */
export const worked = (text: string, who: string, random: Random): Worked => {
  let result: Worked = { text, marks: [] };
  const count = 1 + random(3);
  for (let index = 0; index < count; index += 1) {
    const next = edits[random(edits.length)]?.(result.text, `${who}${random(1_000_000)}`, random);
    if (next !== undefined && isRight(next.text)) result = { text: next.text, marks: [...result.marks, ...next.marks] };
  }
  return { text: result.text, marks: result.marks.filter((mark) => result.text.includes(mark)) };
};

/** As prettier writes it, with settings of its own. */
export const reformatted = (text: string, random: Random): Promise<string> =>
  format(text, { parser: 'typescript', singleQuote: random(2) === 0, semi: random(2) === 0, useTabs: random(2) === 0, tabWidth: 2 + 2 * random(2), printWidth: 60 + random(80), embeddedLanguageFormatting: 'off', trailingComma: random(2) === 0 ? 'all' : 'none', arrowParens: random(2) === 0 ? 'always' : 'avoid' });
