/** How a repo writes its code. Taken from one of its own files. */
export interface Style {
  readonly quotes: "'" | '"';
  readonly semicolons: boolean;
  /** One level: spaces or a tab. */
  readonly indent: string;
  readonly eol: '\n' | '\r\n';
  readonly finalNewline: boolean;
}

export const plainStyle: Style = { quotes: "'", semicolons: true, indent: '  ', eol: '\n', finalNewline: true };

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** The style of a text, by what most of its lines do. */
export const styleOf = (text: string): Style => {
  const singles = count(text, /(?:from|import|require\()\s*'|[(,=:[]\s*'/g);
  const doubles = count(text, /(?:from|import|require\()\s*"|[(,=:[]\s*"/g);
  const ends = text.split('\n').map((line) => line.trimEnd()).filter((line) => /^\s*(?:import|export|const|let|return|await|throw|[\w.]+\()/.test(line));
  const withSemicolon = ends.filter((line) => line.endsWith(';')).length;
  const without = ends.filter((line) => /[\w)'"`\]]$/.test(line)).length;
  const crlf = count(text, /\r\n/g);
  return {
    quotes: doubles > singles ? '"' : "'",
    semicolons: withSemicolon >= without,
    indent: indentOf(text),
    eol: crlf > 0 && crlf * 2 >= count(text, /\n/g) ? '\r\n' : '\n',
    finalNewline: text === '' || text.endsWith('\n'),
  };
};

const indentOf = (text: string): string => {
  const lines = text.split('\n').filter((line) => /^[\t ]+[^\s*]/.test(line));
  if (lines.filter((line) => line.startsWith('\t')).length * 2 > lines.length) return '\t';
  const widths = lines.map((line) => line.length - line.trimStart().length).filter((width) => width > 1);
  if (widths.length === 0) return '  ';
  const fits = (unit: number): boolean => widths.filter((width) => width % unit === 0).length >= widths.length * 0.9;
  const unit = fits(8) ? 8 : fits(4) ? 4 : fits(3) && !fits(2) ? 3 : 2;
  return ' '.repeat(unit);
};
