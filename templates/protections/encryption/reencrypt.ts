import { sql } from 'kysely';
import type { AppContext } from '#src/context.ts';
import { CannotOpen, keyOf, open, seal } from './seal.ts';
import { type SealedColumn, sealedColumns } from './sealed-columns.ts';
import { type StoredColumn, storedValues } from './stored-values.ts';

type App = Pick<AppContext, 'services'>;

/** How many values each key has sealed, by key id. */
export const countUses = async (app: App): Promise<ReadonlyMap<string, number>> => {
  const uses = new Map<string, number>();
  for (const { table, column } of sealedColumns(app).inTables()) {
    const value = sql.ref(column);
    const counted = sql<{ kid: string; uses: string }>`select split_part(${value}, '.', 2) as kid, count(*) as uses
      from ${sql.table(table)} where ${value} is not null group by 1`;
    const { rows } = await counted.execute(app.services.db.query);
    for (const row of rows) uses.set(row.kid, (uses.get(row.kid) ?? 0) + Number(row.uses));
  }
  return uses;
};

/** What a run over sealed values did. */
export interface Outcome {
  readonly done: number;
  /** Values that do not open, as `table.column row`; they stay as they are. */
  readonly failed: readonly string[];
}

/**
 * Seals anew, with the current key, what older keys sealed. Can be stopped at any time and begun again; values that somebody
 * changes meanwhile are left to them.
 */
export const reencrypt = async (app: App): Promise<Outcome> => {
  const { db, keys } = app.services;
  await keys.refresh();
  const current = keys.current('sealing').kid;
  const failed: string[] = [];
  let done = 0;
  for (const column of sealedColumns(app).inTables()) {
    for await (const { row, value } of storedValues(db.query, column)) {
      if (keyOf(value) === current) continue;
      const fresh = sealedAnew(app, column, row, value);
      if (fresh === undefined) failed.push(`${column.table}.${column.column} ${row}`);
      else done += await replace(app, column, row, value, fresh);
    }
  }
  return { done, failed };
};

const sealedAnew = (app: App, { purpose, table, column }: SealedColumn, row: string, value: string): string | undefined => {
  const place = { purpose, table, column, row };
  try {
    return seal(app, place, open(app, place, value));
  } catch (error) {
    if (error instanceof CannotOpen) return undefined;
    throw error;
  }
};

/** @returns how many values were replaced: none when somebody was faster. */
const replace = async ({ services: { db } }: App, column: StoredColumn, row: string, value: string, fresh: string): Promise<number> => {
  const [stored, name] = [sql.ref(column.column), sql.ref(column.row)];
  const update = sql`update ${sql.table(column.table)} set ${stored} = ${fresh} where ${name}::text = ${row} and ${stored} = ${value}`; // protect: Q481 ( and ${stored} = ${value} -> )
  return Number((await update.execute(db.query)).numAffectedRows ?? 0);
};
