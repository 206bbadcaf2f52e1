import type { Attack, Guard } from '../../src/catalogue.ts';

/**
 * The guards that a text marks: `statement; // protect: Q463, G6`, `// protect: Q404 (t=2 -> t=1)` or, alone on a line,
 * for the line below.
 */
export const guardsIn = (text: string): Guard[] => {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const [, before = '', items] = mark.exec(line) ?? [];
    const code = before === '' ? (lines[index + 1] ?? '').trim() : before;
    return items === undefined ? [] : items.split(/,\s*/).map((item) => ({ item, code }));
  });
};

const mark = /^\s*(.*?)\s*(?:\/\/|#)\s*protect:\s*([A-Z]\d+(?:,\s*[A-Z]\d+)*)/;

/** The attacks that a test file makes: `attack('Q441', 'what it does', ...)`. */
export const attacksIn = (text: string): Attack[] =>
  [...text.matchAll(/\battack\(\s*'([^']+)',\s*(['"`])((?:\\.|(?!\2).)*)\2/gs)].flatMap(([, item, , name]) =>
    item === undefined || name === undefined ? [] : [{ item, name: name.replaceAll(/\\(['"`])/g, '$1') }],
  );
