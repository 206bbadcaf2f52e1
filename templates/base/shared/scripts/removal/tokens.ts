/** One token of TypeScript source; comments and white space are left out. */
export interface Token {
  readonly kind: 'word' | 'punctuator' | 'string' | 'template' | 'regex' | 'number';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** True when it is the first token of its line. */
  readonly startsLine: boolean;
  /** For a bracket: the index of its partner among the tokens; otherwise -1. */
  partner: number;
}

const punctuators = [
  '>>>=', '...', '===', '!==', '**=', '<<=', '>>=', '>>>', '&&=', '||=', '??=',
  '=>', '==', '!=', '<=', '>=', '&&', '||', '??', '?.', '++', '--', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<', '**',
];
const wordsBeforeRegex = new Set(['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'else', 'do', 'await', 'yield', 'instanceof']);
const headerWords = new Set(['if', 'while', 'for', 'with']);
const openers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * Splits TypeScript source into tokens and pairs the brackets. Knows strings, templates with nested expressions,
 * comments, and regular expressions by what stands before the slash.
 * @throws SyntaxError for a bracket, string, comment or regular expression without its end.
 */
export const tokenize = (source: string): readonly Token[] => {
  const tokens: Token[] = [];
  const open: number[] = [];
  let at = 0;
  let lineStart = true;

  const add = (kind: Token['kind'], end: number): void => {
    tokens.push({ kind, text: source.slice(at, end), start: at, end, startsLine: lineStart, partner: -1 });
    lineStart = false;
    at = end;
  };
  const bracket = (text: string): void => {
    const index = tokens.length;
    add('punctuator', at + 1);
    if (openers[text] !== undefined) {
      open.push(index);
      return;
    }
    const partner = open.pop();
    const opener = partner === undefined ? undefined : tokens[partner];
    const closer = tokens[index];
    if (partner === undefined || opener === undefined || closer === undefined || openers[opener.text] !== text) {
      throw new SyntaxError(`a ${text} without its opening bracket at offset ${at - 1}`);
    }
    opener.partner = index;
    closer.partner = partner;
  };
  const slashStartsRegex = (): boolean => {
    const before = tokens.at(-1);
    if (before === undefined) return true;
    if (before.kind === 'word') return wordsBeforeRegex.has(before.text);
    if (before.kind !== 'punctuator') return false;
    if (before.text === ')') return headerWords.has(tokens[before.partner - 1]?.text ?? '');
    return before.text !== ']';
  };

  if (source.startsWith('#!')) at = endOfLine(source, 0);
  while (at < source.length) {
    const char = source.charAt(at);
    const pair = source.slice(at, at + 2);
    if (char === '\n') {
      lineStart = true;
      at += 1;
    } else if (/\s/.test(char)) at += 1;
    else if (pair === '//') at = endOfLine(source, at);
    else if (pair === '/*') {
      const end = found(source.indexOf('*/', at + 2), 'comment', at) + 2;
      lineStart ||= source.slice(at, end).includes('\n');
      at = end;
    } else if (char === "'" || char === '"') add('string', endOfString(source, at));
    else if (char === '`') add('template', endOfTemplate(source, at));
    else if (char === '/' && slashStartsRegex()) add('regex', endOfRegex(source, at));
    else if (/[\p{ID_Start}$_#@]/u.test(char)) add('word', at + (/^[#@]?[\p{ID_Continue}$\u200c\u200d]*/u.exec(source.slice(at, at + 200))?.[0].length ?? 1));
    else if (/\d/.test(char)) add('number', at + (/^[\w.]+/.exec(source.slice(at, at + 200))?.[0].length ?? 1));
    else if ('()[]{}'.includes(char)) bracket(char);
    else add('punctuator', at + (punctuators.find((text) => source.startsWith(text, at))?.length ?? 1));
  }
  const unclosed = tokens[open.at(-1) ?? -1];
  if (unclosed !== undefined) throw new SyntaxError(`a ${unclosed.text} without its end at offset ${unclosed.start}`);
  return tokens;
};

const found = (index: number, what: string, start: number): number => {
  if (index < 0) throw new SyntaxError(`a ${what} without its end at offset ${start}`);
  return index;
};

const endOfLine = (source: string, start: number): number => {
  const end = source.indexOf('\n', start);
  return end < 0 ? source.length : end;
};

const endOfString = (source: string, start: number): number => {
  const quote = source.charAt(start);
  for (let at = start + 1; at < source.length && source.charAt(at) !== '\n'; at += 1) {
    if (source.charAt(at) === '\\') at += 1;
    else if (source.charAt(at) === quote) return at + 1;
  }
  return found(-1, 'string', start);
};

const endOfRegex = (source: string, start: number): number => {
  let inClass = false;
  for (let at = start + 1; at < source.length && source.charAt(at) !== '\n'; at += 1) {
    const char = source.charAt(at);
    if (char === '\\') at += 1;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return at + 1 + (/^\w*/.exec(source.slice(at + 1, at + 20))?.[0].length ?? 0);
  }
  return found(-1, 'regular expression', start);
};

/** A template is one token, whatever its expressions hold. */
const endOfTemplate = (source: string, start: number): number => {
  for (let at = start + 1; at < source.length; at += 1) {
    const char = source.charAt(at);
    if (char === '\\') at += 1;
    else if (char === '`') return at + 1;
    else if (char === '$' && source.charAt(at + 1) === '{') at = endOfExpression(source, at + 2);
  }
  return found(-1, 'template', start);
};

/** The offset of the `}` that ends an expression inside a template. */
const endOfExpression = (source: string, start: number): number => {
  let depth = 0;
  for (let at = start; at < source.length; at += 1) {
    const char = source.charAt(at);
    if (char === "'" || char === '"') at = endOfString(source, at) - 1;
    else if (char === '`') at = endOfTemplate(source, at) - 1;
    else if (char === '/' && /[(,=:?&|!{[]\s*$/.test(source.slice(start - 1, at))) at = endOfRegex(source, at) - 1;
    else if (char === '{') depth += 1;
    else if (char === '}' && depth === 0) return at;
    else if (char === '}') depth -= 1;
  }
  return found(-1, 'template expression', start);
};
