/** Reads CSV as RFC 4180 writes it, and throws for everything else: what a test reads is what a strict reader reads. */
export const parseCsv = (text: string): string[][] => {
  const rows: string[][] = [];
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let row: string[] = [];
  const cell = (): string => {
    if (text[at] !== '"') {
      const plain = /[^",\r\n]*/y;
      plain.lastIndex = at;
      const [found = ''] = plain.exec(text) ?? [];
      at += found.length;
      return found;
    }
    let value = '';
    for (at += 1; at < text.length; at += 1) {
      if (text[at] !== '"') value += text[at];
      else if (text[at + 1] === '"') {
        value += '"';
        at += 1;
      } else break;
    }
    if (text[at] !== '"') throw new SyntaxError('a quote without its end');
    at += 1;
    return value;
  };
  while (at < text.length) {
    row.push(cell());
    if (text[at] === ',') at += 1;
    else if (text.startsWith('\r\n', at)) {
      at += 2;
      rows.push(row);
      row = [];
    } else throw new SyntaxError(`neither a comma nor the end of a line at ${at}`);
  }
  return rows;
};
