import { format } from 'prettier';
import { ts } from 'ts-morph';
import { expect, test } from 'vitest';
import { tokensOf } from '../../src/merge/tokens.ts';
import type { Tree } from '../../src/tree.ts';
import { edited, mergedApp, ownFiles } from './merging.ts';
import { rendered } from './fixtures.ts';

/** The same numbers for the same seed. */
const randomFrom = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

type Random = ReturnType<typeof randomFrom>;

/** A text somebody has worked on, and the lines of theirs that must not be lost. */
interface Worked {
  readonly text: string;
  readonly marks: readonly string[];
}

const parse = (text: string): ts.SourceFile => ts.createSourceFile('x.ts', text, ts.ScriptTarget.ESNext, true);
const isRight = (text: string): boolean => (ts.transpileModule(text, { reportDiagnostics: true, compilerOptions: { target: ts.ScriptTarget.ESNext, noCheck: true } }).diagnostics ?? []).length === 0;

const statementsIn = (file: ts.SourceFile): ts.Statement[] => {
  const found: ts.Statement[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node) || ts.isSourceFile(node)) found.push(...node.statements);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
};

const at = <T>(list: readonly T[], random: Random): T | undefined => list[random(Math.max(1, list.length))];

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
const worked = (text: string, who: string, random: Random): Worked => {
  let result: Worked = { text, marks: [] };
  const count = 1 + random(3);
  for (let index = 0; index < count; index += 1) {
    const next = edits[random(edits.length)]?.(result.text, `${who}${random(1_000_000)}`, random);
    if (next !== undefined && isRight(next.text)) result = { text: next.text, marks: [...result.marks, ...next.marks] };
  }
  return { text: result.text, marks: result.marks.filter((mark) => result.text.includes(mark)) };
};

const reformatted = (text: string, random: Random): Promise<string> =>
  format(text, { parser: 'typescript', singleQuote: random(2) === 0, semi: random(2) === 0, useTabs: random(2) === 0, tabWidth: 2 + 2 * random(2), printWidth: 60 + random(80), embeddedLanguageFormatting: 'off', trailingComma: random(2) === 0 ? 'all' : 'none', arrowParens: random(2) === 0 ? 'always' : 'avoid' });

/** The text with one side of each conflict chosen. */
const chosen = (text: string, side: 'ours' | 'theirs'): string =>
  text.replace(/^<<<<<<< .*\n([\s\S]*?)^=======\n([\s\S]*?)^>>>>>>> .*\n/gm, (_, ours: string, theirs: string) => (side === 'ours' ? ours : theirs));

const sources = [...rendered({ preset: 'web' })].filter(([path, text]) => /^(?:src|tests)\/.*\.ts$/.test(path) && text.length < 12_000).map(([, text]) => text);

const first = Number(process.env['MERGE_FIRST'] ?? 1);
const runs = Number(process.env['MERGE_RUNS'] ?? 120);

test(`no edit is lost, and no fix: ${runs} random pairs of edits`, { timeout: 600_000 }, async () => {
  let [clean, conflicts] = [0, 0];
  for (let seed = first; seed <= runs; seed += 1) {
    const random = randomFrom(seed);
    const base = at(sources, random) ?? '';
    const user = worked(base, 'user', random);
    const isReformatted = random(3) === 0;
    const ours = isReformatted ? await reformatted(user.text, random) : random(8) === 0 ? user.text.replaceAll('\n', '\r\n') : user.text;
    const theirs = worked(base, 'fix', random);
    const path = 'src/a.ts';
    const isMoved = random(5) === 0;
    const place = isMoved ? 'lib/b.ts' : path;
    const moves = new Map<string, string>(isMoved ? [[path, place]] : []);
    const emitted: Tree = new Map([[path, theirs.text]]);
    const merged = await mergedApp(edited(new Map([[path, base]]), new Map([[place, ours]])), emitted, moves);
    const text = ownFiles(merged).get(place) ?? '';
    const about = `seed ${seed}`;
    for (const mark of user.marks) expect(text.includes(mark), `${about}: ${mark} of the user is lost`).toBe(true);
    for (const mark of theirs.marks) expect(text.includes(mark), `${about}: ${mark} does not arrive`).toBe(true);
    const again = await mergedApp(merged, emitted, moves);
    expect(again.changes, `${about}: a second run changes something`).toBe(0);
    const isConflict = merged.outcomes.some(({ outcome }) => outcome === 'conflict');
    if (isConflict) {
      conflicts += 1;
      for (const mark of user.marks) expect(chosen(text.replaceAll('\r\n', '\n'), 'ours').includes(mark), `${about}: ${mark} is not on the user's side`).toBe(true);
      for (const mark of theirs.marks) expect(chosen(text.replaceAll('\r\n', '\n'), 'theirs').includes(mark), `${about}: ${mark} is not on our side`).toBe(true);
    } else {
      clean += 1;
      expect(isRight(text), `${about}: it does not parse`).toBe(true);
    }
  }
  expect(clean).toBeGreaterThan(conflicts);
  if (process.env['MERGE_RUNS'] !== undefined) process.stderr.write(`${clean} clean, ${conflicts} with conflicts\n`);
});

test('what was only reformatted takes every change, as an unformatted one does', { timeout: 600_000 }, async () => {
  let conflicts = 0;
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = randomFrom(seed * 7919);
    const base = at(sources, random) ?? '';
    const theirs = worked(base, 'fix', random);
    const ours = await reformatted(base, random);
    const merged = await mergedApp(edited(new Map([['a.ts', base]]), new Map([['a.ts', ours]])), new Map([['a.ts', theirs.text]]));
    const text = ownFiles(merged).get('a.ts') ?? '';
    if (merged.outcomes.some(({ outcome }) => outcome === 'conflict')) {
      conflicts += 1;
      continue;
    }
    // Brackets that a formatter adds for clarity are its own, and so is where a declaration stands.
    const said = (code: string): string => tokensOf(code).map(({ key }) => key).filter((key) => key !== '(' && key !== ')').toSorted().join(' ');
    expect(said(text), `seed ${seed}`).toBe(said(theirs.text));
  }
  expect(conflicts).toBe(0);
});
