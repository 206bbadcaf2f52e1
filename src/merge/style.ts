import { type Token, tokensOf } from './tokens.ts';

/** How somebody writes code. */
interface Style {
  readonly quote: "'" | '"';
  readonly semicolons: boolean;
  readonly indent: string;
}

const styleOf = (code: string): Style => {
  const count = (expression: RegExp): number => code.match(expression)?.length ?? 0;
  const indents = [...code.matchAll(/^([ \t]+)(?=[^\s*])/gm)].map(([, indent = '']) => indent);
  const narrowest = Math.min(...indents.filter((indent) => !indent.includes('\t')).map(({ length }) => length), 8);
  const isTabbed = indents.filter((indent) => indent.startsWith('\t')).length > indents.length / 2;
  return {
    quote: count(/"(?:[^"'\\\n]|\\.)*"/g) > count(/'(?:[^"'\\\n]|\\.)*'/g) ? '"' : "'",
    semicolons: count(/;[ \t]*(?:\/\/[^\n]*)?$/gm) > 0 || count(/\n/g) === 0,
    indent: isTabbed ? '\t' : ' '.repeat(narrowest === 8 ? 2 : narrowest),
  };
};

/** Gives code of one style in another. */
export interface Restyler {
  (code: string): string;
  /** Whether statements end with one. */
  readonly semicolons: boolean;
}

/** A writer that gives code of the one style in that of the other; code that is in it already stays as it is. */
export const restyler = (from: string, to: string): Restyler => {
  const [was, is] = [styleOf(from), styleOf(to)];
  const { semicolons } = is;
  if (was.quote === is.quote && was.semicolons === semicolons && was.indent === is.indent) return Object.assign((code: string) => code, { semicolons });
  const indented = (text: string): string => (was.indent === is.indent ? text : text.replace(/(?<=\n)[ \t]+/g, (spaces) => reindented(spaces, was.indent, is.indent)));
  const gap = (text: string, next: string): string => {
    // A line that begins so would go on with the statement above.
    const plain = was.semicolons && !semicolons && !/^(?:[([`+-]|\/(?![/*]))/.test(next) ? text.replace(/;(?=\s*\n|\s*$)/g, '') : text;
    return indented(plain);
  };
  const shown = ({ kind }: Token, text: string): string => {
    if (kind === 'comment') return indented(text);
    if (kind !== 'text' || text.slice(1, -1).includes(is.quote) || text.includes('\\')) return text;
    return `${is.quote}${text.slice(1, -1)}${is.quote}`;
  };
  const write = (code: string): string => {
    let done = 0;
    const parts = tokensOf(code).map((token) => {
      const between = gap(code.slice(done, token.start), code.slice(token.start, token.start + 2));
      done = token.end;
      return `${between}${shown(token, code.slice(token.start, token.end))}`;
    });
    return `${parts.join('')}${gap(code.slice(done), '')}`;
  };
  return Object.assign(write, { semicolons });
};

const reindented = (spaces: string, from: string, to: string): string => {
  let [levels, rest] = [0, spaces];
  while (rest.startsWith(from)) {
    levels += 1;
    rest = rest.slice(from.length);
  }
  return `${to.repeat(levels)}${rest}`;
};
