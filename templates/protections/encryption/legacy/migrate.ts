import { sql } from 'kysely';
import type { AppContext } from '#src/context.ts';
import { CannotOpen } from '../cannot-open.ts';
import { seal } from '../seal.ts';
import { storedValues } from '../stored-values.ts';

/** Where legacy values stand, and where they go. The column says which format a value has, never the value. */
export interface LegacyColumn {
  readonly purpose: string;
  readonly table: string;
  /** The column that names the row. */
  readonly row: string;
  readonly from: string;
  /** A sealed column: it has to be registered. */
  readonly to: string;
  /** @throws CannotOpen */
  readonly open: (value: string) => Buffer;
}

export interface Migrated {
  readonly done: number;
  /** Rows that still hold a legacy value: it does not open. */
  readonly left: readonly string[];
}

/**
 * Moves legacy values into a sealed column. Each row is moved by one statement: a run that was killed leaves every row old or
 * new, and the next run finishes it.
 */
export const migrateLegacy = async (app: Pick<AppContext, 'services'>, { purpose, table, row: rowColumn, from, to, open }: LegacyColumn): Promise<Migrated> => {
  const { db } = app.services;
  const [name, old, sealed] = [sql.ref(rowColumn), sql.ref(from), sql.ref(to)];
  const left: string[] = [];
  let done = 0;
  for await (const { row, value } of storedValues(db.query, { table, column: from, row: rowColumn })) {
    const plain = opened(open, value);
    if (plain === undefined) {
      left.push(row);
      continue;
    }
    const fresh = seal(app, { purpose, table, column: to, row }, plain);
    const move = sql`update ${sql.table(table)} set ${sealed} = ${fresh}, ${old} = null where ${name}::text = ${row} and ${old} = ${value}`;
    done += Number((await move.execute(db.query)).numAffectedRows ?? 0);
  }
  return { done, left };
};

const opened = (open: LegacyColumn['open'], value: string): Buffer | undefined => {
  try {
    return open(value);
  } catch (error) {
    if (error instanceof CannotOpen) return undefined;
    throw error;
  }
};
