import { type Token, tokenize } from './tokens.ts';

/** What stands at a marked line, and what to write in its place. */
export interface Extent {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** Names that the taken out code declares for the code around it. */
  readonly declares: readonly string[];
}

/** The end of a statement, as the index behind its last token. */
type Reader = (tokens: readonly Token[], from: number) => number;

const operands = new Set(['&&', '||', '??']);
/** A line that starts with one of these goes on with the statement before it. */
const continuations = new Set([
  '.', '?.', '?', ':', '=', '=>', '(', '[', ',', ')', ']', '}', '+', '-', '*', '/', '%', '<', '>', '<=', '>=', '==', '===', '!=', '!==', '&', '|',
  '^', '**', '&&', '||', '??', '+=', '-=', 'in', 'of', 'instanceof', 'as', 'satisfies',
]);
/** A line that ends with one of these is not over. */
const hangers = new Set([...continuations, '!', '~', '...', '{', 'return', 'throw', 'await', 'new', 'typeof', 'void', 'const', 'let', 'export', 'async', 'default', 'else']);
for (const closer of [')', ']', '}']) hangers.delete(closer);

/**
 * The extent of what starts on `line` (from 1): a statement, an element or property with its comma, one link of a
 * chain, one operand, the body of an arrow function, a case clause, an `else if`.
 * @throws SyntaxError when no code starts there or its end is not to be found.
 */
export const extentAt = (source: string, line: number): Extent => {
  const tokens = tokenize(source);
  const lineStart = offsetOfLine(source, line);
  const first = tokens.findIndex((token) => token.start >= lineStart && token.startsLine);
  const token = tokens[first];
  if (token === undefined || token.start >= offsetOfLine(source, line + 1)) throw new SyntaxError('no code starts on this line');

  const context = contextOf(tokens, first);
  const cut = (from: number, end: number, replacement: string): Extent => ({
    start: tokens[from]?.start ?? 0,
    end: tokens[end - 1]?.end ?? 0,
    replacement,
    declares: context === 'block' ? declaredBy(tokens, from) : [],
  });
  if (token.text === '}' && tokens[first + 1]?.text === 'else') return cut(first + 1, endOfElse(tokens, first + 1), '');
  if (token.text === '.' || token.text === '?.') return cut(first, endOfLink(tokens, first), '');
  if (operands.has(token.text)) return cut(first, endOfOperand(tokens, first + 1), '');
  if (tokens[first - 1]?.text === '=>' && token.text !== '{') return cut(first, endOfElement(tokens, first, false), 'undefined');
  if (context === 'list') return cut(first, endOfElement(tokens, first, true), '');
  if (token.text === 'case' || token.text === 'default') return cut(first, endOfClause(tokens, first), '');
  // An empty statement is legal wherever a statement was, also as the body of an `if` without braces.
  return cut(first, endOfStatement(tokens, first), context === 'class' ? '' : ';');
};

/** The offset at which a line (from 1) starts; the length of the source behind the last. */
const offsetOfLine = (source: string, line: number): number => {
  let offset = 0;
  for (let count = 1; count < line; count += 1) {
    const end = source.indexOf('\n', offset);
    if (end < 0) return source.length;
    offset = end + 1;
  }
  return offset;
};

const contextOf = (tokens: readonly Token[], index: number): 'list' | 'block' | 'class' => {
  let at = index - 1;
  while (at >= 0) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.partner >= 0 && token.partner < at) at = token.partner - 1;
    else if (token.text === '(') return tokens[at - 1]?.text === 'for' ? 'block' : 'list';
    else if (token.text === '[') return 'list';
    else if (token.text === '{') return kindOfBrace(tokens, at);
    else at -= 1;
  }
  return 'block';
};

const beforeObject = new Set(['(', '[', ',', '=', '?', '&&', '||', '??', '...', 'return', 'default', 'yield', 'await', '??=', '||=', '&&=']);

const kindOfBrace = (tokens: readonly Token[], brace: number): 'list' | 'block' | 'class' => {
  const before = tokens[brace - 1]?.text ?? '';
  if (beforeObject.has(before)) return 'list';
  if (before === ':') {
    for (let at = brace - 2; at >= 0 && !/^[;{}]$/.test(tokens[at]?.text ?? ''); at -= 1) {
      if (tokens[at]?.text === 'case' || (tokens[at]?.text === 'default' && at === brace - 2)) return 'block';
    }
    return 'list';
  }
  for (let at = brace - 1; at >= 0 && !/^[;{}()]$/.test(tokens[at]?.text ?? ''); at -= 1) {
    if (tokens[at]?.text === 'class') return 'class';
  }
  return 'block';
};

/** Behind a bracket goes behind its partner; behind anything else, one token on. */
const skip: Reader = (tokens, at) => Math.max(tokens[at]?.partner ?? -1, at) + 1;

/** Skips type arguments such as `<string, number>`, whose comma separates no elements. */
const skipTypeArguments: Reader = (tokens, at) => {
  if (tokens[at]?.text !== '<' || tokens[at]?.start !== tokens[at - 1]?.end) return at;
  let depth = 0;
  for (let index = at; index < tokens.length; index = skip(tokens, index)) {
    const { text, kind } = tokens[index] ?? { text: ';', kind: 'punctuator' };
    if (text === '<') depth += 1;
    else if (/^>+$/.test(text)) depth -= text.length;
    else if (kind === 'punctuator' && !/^[[{(,.|&?:]$|^=>$/.test(text)) return at;
    if (depth <= 0) return index + 1;
  }
  return at;
};

const endOfStatement: Reader = (tokens, from) => {
  const word = tokens[from]?.text ?? '';
  if (word === '{') return skip(tokens, from);
  if (word === 'if') {
    const body = endOfStatement(tokens, skip(tokens, from + 1));
    return tokens[body]?.text === 'else' ? endOfStatement(tokens, body + 1) : body;
  }
  if (word === 'for' || word === 'while') return endOfStatement(tokens, skip(tokens, tokens[from + 1]?.text === 'await' ? from + 2 : from + 1));
  if (word === 'do') {
    const end = skip(tokens, endOfStatement(tokens, from + 1) + 1);
    return tokens[end]?.text === ';' ? end + 1 : end;
  }
  if (word === 'switch') return skip(tokens, skip(tokens, from + 1));
  if (word === 'try') return endOfTry(tokens, from);
  return endOfLineStatement(tokens, from);
};

const endOfTry: Reader = (tokens, from) => {
  let at = skip(tokens, from + 1);
  if (tokens[at]?.text === 'catch') {
    at = tokens[at + 1]?.text === '(' ? skip(tokens, at + 1) : at + 1;
    at = skip(tokens, at);
  }
  return tokens[at]?.text === 'finally' ? skip(tokens, at + 1) : at;
};

/** Up to and with the semicolon; without one, up to where a line ends that may end a statement. */
const endOfLineStatement: Reader = (tokens, from) => {
  for (let at = from; at < tokens.length; ) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.text === ';') return at + 1;
    if (/^[)\]}]$/.test(token.text)) return at;
    const before = tokens[at - 1];
    if (at > from && token.startsLine && !continuations.has(token.text) && before !== undefined && !hangers.has(before.text)) return at;
    at = skip(tokens, at);
  }
  return tokens.length;
};

/** Up to the comma behind an element, and with it when asked to; or up to the bracket that ends the list. */
const endOfElement = (tokens: readonly Token[], from: number, withComma: boolean): number => {
  for (let at = from; at < tokens.length; ) {
    const text = tokens[at]?.text ?? '';
    if (text === ',') return withComma ? at + 1 : at;
    if (/^[;)\]}]$/.test(text)) return at;
    const behind = skipTypeArguments(tokens, at);
    at = behind > at ? behind : skip(tokens, at);
  }
  throw new SyntaxError('an element without its end');
};

const endOfElse: Reader = (tokens, from) => {
  if (tokens[from + 1]?.text !== 'if') return endOfStatement(tokens, from + 1);
  return endOfStatement(tokens, skip(tokens, from + 2));
};

/** One `.name`, `.name(...)`, `.name<T>(...)` of a chain. */
const endOfLink: Reader = (tokens, from) => {
  let at = skipTypeArguments(tokens, from + 2);
  while (tokens[at]?.text === '(' || tokens[at]?.text === '[') at = skip(tokens, at);
  return at;
};

const endOfOperand: Reader = (tokens, from) => {
  for (let at = from; at < tokens.length; ) {
    const token = tokens[at];
    if (token === undefined || /^[;,)\]}]$/.test(token.text)) return at;
    if (at > from && token.startsLine && (operands.has(token.text) || token.text === '?' || token.text === ':')) return at;
    at = skip(tokens, at);
  }
  throw new SyntaxError('an operand without its end');
};

const endOfClause: Reader = (tokens, from) => {
  for (let at = from + 1; at < tokens.length; at = skip(tokens, at)) {
    if (/^(case|default|\})$/.test(tokens[at]?.text ?? '')) return at;
  }
  throw new SyntaxError('a case clause without its end');
};

/** The names that a declaration gives to the code around it. */
const declaredBy = (tokens: readonly Token[], from: number): string[] => {
  let at = from;
  while (/^(export|default|async|abstract)$/.test(tokens[at]?.text ?? '')) at += 1;
  if (!/^(const|let|var|function|class)$/.test(tokens[at]?.text ?? '')) return [];
  at += tokens[at + 1]?.text === '*' ? 2 : 1;
  const name = tokens[at];
  if (name === undefined) return [];
  if (name.kind === 'word') return [name.text];
  return tokens.slice(at, name.partner + 1).flatMap(({ kind, text }, index, pattern) => {
    const [before, behind] = [pattern[index - 1]?.text ?? '', pattern[index + 1]?.text ?? ''];
    return kind === 'word' && /^([{[,:]|\.\.\.)$/.test(before) && /^[,}\]=]$/.test(behind) ? [text] : [];
  });
};
