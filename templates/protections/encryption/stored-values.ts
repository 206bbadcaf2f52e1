import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Queries } from '#src/services/db/database.ts';

/** A column of text, and the column that names its rows. */
export interface StoredColumn {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

const batchSize = 200;

/** Every value of a column, batch by batch, with the name of its row. What is changed meanwhile may be met as it was before. */
export async function* storedValues(db: Queries, { table, column, row: rowColumn }: StoredColumn): AsyncGenerator<{ row: string; value: string }> {
  const value = sql.ref<string>(column);
  const name = sql`${sql.ref(rowColumn)}::text collate "C"`;
  let after = '';
  for (;;) {
    const batch = sql<{ row: string; value: string }>`select ${name} as "row", ${value} as "value" from ${sql.table(table)}
      where ${value} is not null and ${name} > ${after} order by 1 limit ${batchSize}`;
    const { rows } = await batch.execute(db);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.row;
    // The embedded database never gives way to anything else in this process.
    await nextTurn();
  }
}
