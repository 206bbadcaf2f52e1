import type { Attack, Guard } from '../../src/catalogue.ts';

/** The guards that a text marks: `statement; // protect: Q463, G6` or `// protect: Q404 (t=2 -> t=1)`. */
export const guardsIn = (text: string): Guard[] =>
  [...text.matchAll(/^[ \t]*(.*?)[ \t]*(?:\/\/|#)[ \t]*protect:[ \t]*([A-Z]\d+(?:,[ \t]*[A-Z]\d+)*)/gm)].flatMap(([, code = '', items = '']) =>
    items.split(/,\s*/).map((item) => ({ item, code })),
  );

/** The attacks that a test file makes: `attack('Q441', 'what it does', ...)`. */
export const attacksIn = (text: string): Attack[] =>
  [...text.matchAll(/\battack\(\s*'([^']+)',\s*(['"`])((?:\\.|(?!\2).)*)\2/gs)].flatMap(([, item, , name]) =>
    item === undefined || name === undefined ? [] : [{ item, name: name.replaceAll(/\\(['"`])/g, '$1') }],
  );
