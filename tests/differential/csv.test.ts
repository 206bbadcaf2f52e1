import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { describe, expect, test } from 'vitest';
import { type CsvValue, cellOf } from '../../templates/protections/csv/cell.ts';
import { csvReply, defineCsv } from '../../templates/protections/csv/core.ts';

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

type Row = readonly CsvValue[];

async function* listed(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

/** The whole file of rows with as many columns as there are titles. */
const fileOf = async (titles: readonly string[], rows: readonly Row[]): Promise<string> => {
  const columns = titles.map((title, index) => ({ title, value: (row: Row) => row[index] }));
  const file = defineCsv<Row>({ name: 'x.csv', maxRows: 100_000, columns });
  const { text } = await csvReply(file, { count: () => Promise.resolve(rows.length), rows: () => listed(rows) });
  if (text === undefined || typeof text.text === 'string') throw new Error('The file is not streamed.');
  return (await Array.fromAsync(text.text)).join('');
};

const theirs = (titles: readonly string[], rows: readonly Row[]): string =>
  stringify([[...titles], ...rows.map((row) => [...row])], { bom: true, record_delimiter: 'windows', quoted_string: true, quoted_empty: true, escape_formulas: true });

describe('CSV, against csv-stringify and csv-parse', () => {
  const random = randomNumbers(6);
  const pick = <T>(choices: readonly T[], otherwise: T): T => choices[Math.floor(random() * choices.length)] ?? otherwise;
  const letters = [...Array.from('abcä漢 ,;"\'\t\r\n=+-@|#'), '😀', '\r\n', '""'];
  const textOf = (choices: readonly string[]): string => Array.from({ length: Math.floor(random() * 8) }, () => pick(choices, '')).join('');
  const titles = ['One', 'Two', 'Three'];

  test('1,000 rows come back from csv-parse as they were, with an apostrophe or without', async () => {
    const rows = Array.from({ length: 1000 }, () => titles.map(() => textOf(letters)));
    const back: string[][] = parse(await fileOf(titles, rows), { bom: true, record_delimiter: '\r\n' });
    expect(back[0]).toEqual(titles);
    const changed = back.slice(1).flatMap((row, index) => row.map((cell, column) => [cell, rows[index]?.[column] ?? '']).filter(([cell, text]) => cell !== text));
    expect(back.length).toBe(1001);
    expect(changed.length).toBeGreaterThan(100);
    expect(changed.filter(([cell, text]) => cell !== `'${text}`)).toEqual([]);
  });

  test('1,000 rows of harmless text, numbers and nothing: the same bytes as csv-stringify', async () => {
    const values = (): CsvValue => pick<CsvValue>([`a${textOf(letters)}`, `漢${textOf(letters)}`, Math.round(random() * 1e6) - 5e5, random(), -5, 0], 'a');
    const rows = Array.from({ length: 1000 }, () => titles.map(values));
    expect(await fileOf(titles, rows)).toBe(theirs(titles, rows));
  });

  test('whatever csv-stringify takes for a formula is one to us', () => {
    const missed = Array.from({ length: 5000 }, () => textOf(letters)).filter((text) => {
      const [[escaped = '']]: string[][] = parse(stringify([[text]], { quoted: true, escape_formulas: true }), { relax_quotes: false });
      return escaped !== text && !cellOf(text).startsWith(`"'`);
    });
    expect(missed).toEqual([]);
  });

  test('stricter on purpose: blanks, quotes and control characters before the sign', () => {
    const texts = [' =1', '\n=1', '\0=1', '"=1', '\u200b=1', '\u00a0=1', ' \t=1'];
    expect(texts.filter((text) => !cellOf(text).startsWith(`"'`))).toEqual([]);
    expect(texts.filter((text) => stringify([[text]], { quoted: true, escape_formulas: true }).startsWith(`"'`))).toEqual([]);
  });
});
