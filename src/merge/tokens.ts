/** A piece of code that means something. */
export interface Token {
  /** Equal for what a formatter may write in two ways: quotes, the width of a comment. */
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly kind: 'word' | 'text' | 'template' | 'comment' | 'sign';
}

const space = /\s+/y;
const word = /[\p{L}\p{N}_$#@]+/uy;
const lineComment = /\/\/[^\n]*/y;
const blockComment = /\/\*[\s\S]*?\*\//y;
const single = /'(?:[^'\\\n]|\\[\s\S])*'/y;
const double = /"(?:[^"\\\n]|\\[\s\S])*"/y;
const pattern = /\/(?![*/])(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[a-z]*/y;

/** Words behind which `/` begins a regular expression. */
const beforePattern = new Set(['return', 'typeof', 'case', 'in', 'of', 'do', 'else', 'void', 'delete', 'await', 'yield', 'throw', 'new', 'instanceof']);

/** Reads code as tokens; what formatters add and take away is left out. Never fails: what it does not know is a sign. */
export const tokensOf = (code: string): Token[] => withoutOptional(allTokens(code));

const allTokens = (code: string): Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  const match = (expression: RegExp): number => {
    expression.lastIndex = at;
    return expression.test(code) ? expression.lastIndex : -1;
  };
  const add = (kind: Token['kind'], end: number, key: string): void => {
    tokens.push({ kind, start: at, end, key });
    at = end;
  };
  while (at < code.length) {
    const afterSpace = match(space);
    if (afterSpace > 0) {
      at = afterSpace;
      continue;
    }
    const sign = code[at] ?? '';
    let end = -1;
    if (sign === '/') {
      end = match(lineComment);
      if (end < 0) end = match(blockComment);
      if (end >= 0) {
        add('comment', end, code.slice(at, end).replace(/\s+/g, ' ').trim());
        continue;
      }
      const last = tokens.findLast(({ kind }) => kind !== 'comment');
      const isDivision = last !== undefined && (last.kind === 'sign' ? /^[)\]}]$/.test(last.key) : last.kind !== 'word' || !beforePattern.has(last.key));
      end = isDivision ? -1 : match(pattern);
      add(end < 0 ? 'sign' : 'word', end < 0 ? at + 1 : end, end < 0 ? sign : code.slice(at, end));
    } else if (sign === "'" || sign === '"') {
      end = match(sign === "'" ? single : double);
      if (end < 0) add('sign', at + 1, sign);
      else add('text', end, `'${code.slice(at + 1, end - 1).replace(/\\(['"])/g, '$1')}'`);
    } else if (sign === '`') {
      end = templateEnd(code, at);
      add('template', end, templateKey(code.slice(at, end)));
    } else {
      end = match(word);
      if (end >= 0) add('word', end, code.slice(at, end));
      else if (code.startsWith('=>', at)) add('sign', at + 2, '=>');
      else add('sign', at + 1, sign);
    }
  }
  return tokens;
};

/** Where a template literal ends, whatever stands in its `${}`. */
const templateEnd = (code: string, start: number): number => {
  for (let at = start + 1; at < code.length; at += 1) {
    if (code[at] === '\\') at += 1;
    else if (code[at] === '`') return at + 1;
    else if (code.startsWith('${', at)) at = holeEnd(code, at + 2);
  }
  return code.length;
};

/** The text of a template as it stands, and the code in its `${}` as what it says: formatters write that anew, too. */
const templateKey = (template: string): string => {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < template.length; at += 1) {
    if (template[at] === '\\') at += 1;
    else if (template.startsWith('${', at)) {
      const end = holeEnd(template, at + 2);
      parts.push(template.slice(from, at + 2), tokensOf(template.slice(at + 2, end)).map(({ key }) => key).join(' '));
      from = end;
      at = end;
    }
  }
  return `${parts.join('')}${template.slice(from)}`;
};

const holeEnd = (code: string, start: number): number => {
  let depth = 1;
  for (let at = start; at < code.length; at += 1) {
    const sign = code[at];
    if (sign === '`') at = templateEnd(code, at) - 1;
    else if (sign === "'" || sign === '"') {
      const expression = sign === "'" ? single : double;
      expression.lastIndex = at;
      if (expression.test(code)) at = expression.lastIndex - 1;
    } else if (sign === '{') depth += 1;
    else if (sign === '}' && --depth === 0) return at;
  }
  return code.length;
};

/** Semicolons, commas before a closing bracket, brackets around the one parameter of an arrow, a leading `|`, quotes around a name. */
const withoutOptional = (tokens: readonly Token[]): Token[] => {
  const next = (index: number): number => {
    let at = index + 1;
    while (tokens[at]?.kind === 'comment') at += 1;
    return at;
  };
  const keyAt = (index: number): string => (tokens[index]?.kind === 'sign' || tokens[index]?.kind === 'word' ? (tokens[index]?.key ?? '') : '');
  const kept: Token[] = [];
  const dropped = new Set<number>();
  tokens.forEach((token, index) => {
    if (dropped.has(index)) return;
    if (token.kind === 'sign') {
      if (token.key === ';') return;
      if (token.key === ',' && /^[)\]}>]$/.test(keyAt(next(index)))) return;
      if (token.key === '(' && tokens[index + 1]?.kind === 'word' && keyAt(index + 2) === ')' && keyAt(index + 3) === '=>') {
        dropped.add(index + 2);
        return;
      }
      if ((token.key === '|' || token.key === '&') && /^(?:[=:(<,[{]|=>)$/.test(kept.at(-1)?.key ?? '')) return;
    }
    const isName = token.kind === 'text' && keyAt(index + 1) === ':' && /^'[A-Za-z_$][\w$]*'$/.test(token.key) && /^[{,]?$/.test(keyAt(index - 1));
    kept.push(isName ? { ...token, key: token.key.slice(1, -1) } : token);
  });
  return kept;
};

/** Whether two texts of code differ in nothing but their format. */
export const isSameCode = (a: string, b: string): boolean => {
  if (a === b) return true;
  const [left, right] = [tokensOf(a), tokensOf(b)];
  return left.length === right.length && left.every(({ key }, index) => key === right[index]?.key);
};
