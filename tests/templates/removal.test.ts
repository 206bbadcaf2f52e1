import { describe, expect, test } from 'vitest';
import { guardsIn, withoutGuard } from '../../templates/base/shared/scripts/removal/guards.ts';
import { tokenize } from '../../templates/base/shared/scripts/removal/tokens.ts';

/** The source without its one marked guard; the mark itself is cut off as well, to make the rest easy to read. */
const removed = (source: string, file = 'src/a.ts'): string => {
  const [guard] = guardsIn(source, file);
  if (guard === undefined) throw new Error('nothing is marked');
  return withoutGuard(source, guard).replace(/[ \t]*(\/\/|#) protect: .*/g, '');
};

describe('what is taken out', () => {
  const cases: Readonly<Record<string, readonly [string, string]>> = {
    'a statement': ['const a = 1;\ncheck(a); // protect: Q1\nuse(a);', 'const a = 1;\n;\nuse(a);'],
    'a statement of several lines': [
      'check( // protect: Q1\n  a, // why; not\n  { b: 1 },\n);\nuse();',
      ';\nuse();',
    ],
    'an if with its block': ['if (bad) { // protect: Q1\n  throw new Error("}");\n}\nuse();', ';\nuse();'],
    'an if with its else': ['if (a) b(); // protect: Q1\nelse if (c) { d(); }\nelse e();\nuse();', ';\nuse();'],
    'an else if': ['if (a) {\n  b();\n} else if (c) { // protect: Q1\n  d();\n} else {\n  e();\n}', 'if (a) {\n  b();\n}  else {\n  e();\n}'],
    'the body of a header without braces': ['for (const a of b)\n  check(a); // protect: Q1\nuse();', 'for (const a of b)\n  ;\nuse();'],
    'a loop': ['for (const a of b) check(a); // protect: Q1\nuse();', ';\nuse();'],
    'a loop that awaits': ['for await (const a of b) { // protect: Q1\n  check(a);\n}\nuse();', ';\nuse();'],
    'do while': ['do { // protect: Q1\n  a();\n} while (b);\nuse();', ';\nuse();'],
    'a switch': ['switch (a) { // protect: Q1\n  case 1: b();\n}\nuse();', ';\nuse();'],
    'a case': ['switch (a) {\n  case 1: // protect: Q1\n    b();\n    break;\n  case 2:\n    c();\n}', 'switch (a) {\n  case 2:\n    c();\n}'],
    'try catch finally': ['try { // protect: Q1\n  a();\n} catch {\n  b();\n} finally {\n  c();\n}\nuse();', ';\nuse();'],
    'a return of several lines': [
      'const f = (a: boolean) => {\n  return a // protect: Q1\n    ? new Problem(400)\n    : undefined;\n};',
      'const f = (a: boolean) => {\n  ;\n};',
    ],
    'an element': ['const a = [\n  one,\n  two(1, 2), // protect: Q1\n  three,\n];', 'const a = [\n  one,\n  three,\n];'],
    'the last element': ['const a = [\n  one,\n  two // protect: Q1\n];', 'const a = [\n  one,\n];'],
    'an element with type arguments': ['const a = [\n  new Map<string, Set<number>>([[1, 2]]), // protect: Q1\n  b,\n];', 'const a = [\n  b,\n];'],
    'a spread element': ['const a = [\n  ...(on ? [b, c] : []), // protect: Q1\n  d,\n];', 'const a = [\n  d,\n];'],
    'a property': ["const a = {\n  'x-y': 1, // protect: Q1\n  default: 2,\n};", 'const a = {\n  default: 2,\n};'],
    'a property called default': ['f({\n  default: 2, // protect: Q1\n  if: 1,\n});', 'f({\n  if: 1,\n});'],
    'a property whose value is a function': [
      'f({\n  guard: (a, b) => { // protect: Q1\n    return a < b, true;\n  },\n  c,\n});',
      'f({\n  c,\n});',
    ],
    'an argument': ['f(\n  a,\n  b ?? c, // protect: Q1\n);', 'f(\n  a,\n);'],
    'a link of a chain': ['const a = b\n  .filter((c) => c > 1) // protect: Q1\n  .map(d);', 'const a = b\n  .map(d);'],
    'a link with type arguments': ['a\n  .use<string, number>({ b }) // protect: Q1\n  .end();', 'a\n  .end();'],
    'an operand': ['const ok =\n  a &&\n  b\n  && !c(d, e) // protect: Q1\n  && f;', 'const ok =\n  a &&\n  b\n  && f;'],
    'the last operand': ['const ok = (\n  a\n  || b // protect: Q1\n);', 'const ok = (\n  a\n);'],
    'the body of an arrow function': ['const f = (a: string) =>\n  bad(a) ? new Problem(400) : undefined; // protect: Q1\nf;', 'const f = (a: string) =>\n  undefined;\nf;'],
    'a method': ['class A {\n  check(): void { // protect: Q1\n    b();\n  }\n\n  use(): void {}\n}', 'class A {\n  \n\n  use(): void {}\n}'],
    'a field': ['class A extends B {\n  readonly #a = new Map<string, number>(); // protect: Q1\n  b = 1;\n}', 'class A extends B {\n  \n  b = 1;\n}'],
    'a statement without semicolon': ['check(a) // protect: Q1\nuse(b)', ';\nuse(b)'],
    'a statement in a method of an object': ['const a = {\n  b() {\n    check(); // protect: Q1\n    use();\n  },\n};', 'const a = {\n  b() {\n    ;\n    use();\n  },\n};'],
    'a declaration that nothing else uses': ['const once = setUp(); // protect: Q1\nuse(a.once);', ';\nuse(a.once);'],
    'the line under a mark that stands alone': ['// protect: Q1\nif (a) {\n  b();\n}\nuse();', '\n;\nuse();'],
    'code around regular expressions and templates': [
      'check(/[/"]\\/{/.test(a), `}${f({ b: "`" })}\'`, 4 / 2 / 1); // protect: Q1\nuse("//");',
      ';\nuse("//");',
    ],
  };
  test.each(Object.entries(cases))('%s', (_name, [before, after]) => {
    const lines = (text: string) => text.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '').join('\n');
    expect(lines(removed(before))).toBe(lines(after));
  });
});

describe('what is weakened', () => {
  test('a value in the marked line', () => {
    expect(removed('const cost = { t: 2, m: 19 }; // protect: Q404 (t: 2 -> t: 1)')).toBe('const cost = { t: 2, m: 19 };'.replace('2', '1'));
  });

  test('a value with brackets, replaced by nothing', () => {
    expect(removed('f(g(a)); // protect: Q1 (g(a) -> )')).toBe('f();');
  });

  test('a value that is not there is an error', () => {
    expect(() => removed('f(a); // protect: Q1 (b -> c)')).toThrow('does not hold');
  });
});

describe('files with # comments', () => {
  test('the marked line', () => {
    expect(removed('a=1\nignore-scripts=true # protect: Q433\nb=2', '.npmrc')).toBe('a=1\nb=2');
  });

  test('the line under the mark', () => {
    expect(removed('FROM a\n# protect: Q433\nUSER 1000\nCMD b', 'Dockerfile')).toBe('FROM a\n\nCMD b');
  });

  test('a key and what is indented below it', () => {
    expect(removed('permissions: # protect: Q433\n  contents: read\njobs:\n  a: b', '.github/workflows/ci.yml')).toBe('jobs:\n  a: b');
  });
});

describe('what is no fair removal', () => {
  test('a declaration that is still used', () => {
    expect(() => removed('const key = make(); // protect: Q1\nuse(key);')).toThrow('the code still uses key');
  });

  test('a pattern of which one name is still used', () => {
    expect(() => removed('const { a, b: c } = make(); // protect: Q1\nuse(c);')).toThrow('the code still uses c');
  });

  test('a rest that does not parse', () => {
    expect(() => removed('const a =\n  b; // protect: Q1')).toThrow('does not parse');
  });

  test('brackets that do not pair', () => {
    expect(() => removed('check((a); // protect: Q1')).toThrow(SyntaxError);
  });
});

describe('marks', () => {
  test('several items', () => {
    expect(guardsIn('a(); // protect: Q463, G6', 'src/a.ts')).toMatchObject([{ items: ['Q463', 'G6'], code: 'a();', line: 1 }]);
  });

  test('a mention of the word is no mark', () => {
    expect(guardsIn("const text = '// protect: Q1 is how it is done';", 'src/a.ts')).toEqual([]);
  });
});

describe('tokens', () => {
  test.each([
    ['a / b / c', ['a', '/', 'b', '/', 'c']],
    ['(a) / /b/g', ['(', 'a', ')', '/', '/b/g']],
    ['if (a) /b/.test(c)', ['if', '(', 'a', ')', '/b/', '.', 'test', '(', 'c', ')']],
    ['return /[/]/u', ['return', '/[/]/u']],
    ['a[0] / 2', ['a', '[', '0', ']', '/', '2']],
    ['`${`${a}`}`.b', ['`${`${a}`}`', '.', 'b']],
    ["'\\'' // a", ["'\\''"]],
    ['this.#a ??= 1_000n', ['this', '.', '#a', '??=', '1_000n']],
    ['/* ( */ a', ['a']],
  ])('%s', (source, texts) => {
    expect(tokenize(source).map(({ text }) => text)).toEqual(texts);
  });

  test.each(["'a", '`a', '/* a', '( a', 'a )', '( ]'])('%s has no end', (source) => {
    expect(() => tokenize(source)).toThrow(SyntaxError);
  });
});
