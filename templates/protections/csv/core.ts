import { Problem } from '../app-core/problem.ts';
import type { Reply } from '../app-core/reply.ts';
import { type CsvValue, cellOf, textCell } from './cell.ts';

export interface Column<Row> {
  readonly title: string;
  /** What the column shows of a row, and all that leaves of it. */
  readonly value: (row: Row) => CsvValue;
}

export interface CsvFile<Row> {
  /** A constant: letters, digits, `-`, `_`, and `.csv`. */
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  /** The most rows of one export. */
  readonly maxRows: number;
}

/** The rows of one export, of whoever may see them. */
export interface CsvSource<Row> {
  count(): Promise<number>;
  /** Read while they are sent: pages of a query, so that neither the memory nor a connection is held for all. */
  rows(): AsyncIterable<Row>;
}

/**
 * Declares an export. Only the columns that stand here leave; there is no way to say "all" (ASVS V15.3.1).
 * @throws Error for a name that could end the header it stands in, and for no columns.
 */
export const defineCsv = <Row>(file: CsvFile<Row>): CsvFile<Row> => {
  if (!/^[\w-]{1,80}\.csv$/.test(file.name)) throw new Error('The name of an export has letters, digits, - and _, and ends with .csv.'); // protect: Q472
  if (file.columns.length === 0) throw new Error(`The export ${file.name} has no columns.`);
  return file;
};

/**
 * Answers with a CSV file (RFC 4180) that is made while it is sent: a file to save, never a page (ASVS V5.4.2).
 * @throws Problem 422 when there are more rows than an export may have.
 */
export const csvReply = async <Row>(file: CsvFile<Row>, source: CsvSource<Row>): Promise<Reply<never>> => {
  const { name, maxRows } = file;
  if ((await source.count()) > maxRows) throw tooMany(maxRows); // protect: Q472
  return {
    status: 200,
    headers: {
      'content-disposition': `attachment; filename="${name}"`, // protect: Q472
      'x-content-type-options': 'nosniff',
    },
    text: { type: 'text/csv; charset=utf-8; header=present', text: linesOf(file, source) },
  };
};

const tooMany = (maxRows: number): Problem => new Problem(422, { detail: `An export has at most ${maxRows} rows.`, extensions: { maxRows } });

/** Without it Excel reads UTF-8 as something else. */
const byteOrderMark = '\ufeff';
const lineEnd = '\r\n';
/** About as much is sent at once, characters. */
const pieceLength = 16_384;

async function* linesOf<Row>({ columns, maxRows }: CsvFile<Row>, source: CsvSource<Row>): AsyncGenerator<string> {
  let piece = byteOrderMark + columns.map(({ title }) => textCell(title)).join(',') + lineEnd;
  let count = 0;
  for await (const row of source.rows()) {
    count += 1;
    // They were counted before, and others write meanwhile.
    if (count > maxRows) throw tooMany(maxRows); // protect: Q472
    piece += columns.map(({ value }) => cellOf(value(row))).join(',') + lineEnd;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
