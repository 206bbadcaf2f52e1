/** What a cell may hold. Numbers, moments and truth values are written as such, everything else is text. */
export type CsvValue = string | number | bigint | boolean | Date | null | undefined;

/**
 * Text that a spreadsheet could take for a formula: a sign that begins one, alone or behind blanks, quotes and characters
 * that cannot be seen; the wide and small forms of the signs, which some programs read as the plain ones; and control
 * characters, which a program may drop or take for the end of a cell (CWE-1236).
 */
const opensFormula = /^(?:\p{Cc}|[\p{Z}\p{C}"]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212])/u;

/** Text as text: an apostrophe in front tells every spreadsheet that it is no formula. */
const neutral = (text: string): string => (opensFormula.test(text) ? `'${text}` : text); // protect: Q472 (opensFormula.test(text) ? `'${text}` : text -> text)

/** Always in quotes: a comma, a quote or a line feed inside would begin a cell of its own (RFC 4180 section 2). */
export const textCell = (text: string): string => `"${neutral(text).replaceAll('"', '""')}"`; // protect: Q472 (.replaceAll('"', '""') -> )

/** One cell. */
export const cellOf = (value: CsvValue): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return textCell(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  return value instanceof Date ? value.toISOString() : String(value);
};
