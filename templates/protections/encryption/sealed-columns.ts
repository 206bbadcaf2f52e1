import type { AppContext } from '#src/context.ts';

/** A kind of sealed values. */
export interface SealedColumn {
  /** What they are for, `totp.secret`; each purpose has keys of its own. */
  readonly purpose: string;
  readonly table: string;
  readonly column: string;
  /** The column that names the row; null for values that stand in no table and soon end, such as those in a cookie. */
  readonly row: string | null;
}

/** The sealed columns of an app: where rotation finds what it has to encrypt anew, and what a destroyed key would lose. */
export class SealedColumns {
  readonly #columns = new Map<string, SealedColumn>();

  /** Called by bindings when they are installed. */
  register(column: SealedColumn): void {
    this.#columns.set(nameOf(column), column);
  }

  /** @throws Error when nobody registered the column: its values would be lost with the key that sealed them. */
  expect(column: Omit<SealedColumn, 'row'>): void {
    if (this.#columns.has(nameOf(column))) return;
    const { purpose, table, column: name } = column;
    throw new Error(`Nothing registered ${table}.${name} for ${purpose}: sealedColumns(context).register({ ... }) where the protection is installed.`); // protect: Q481
  }

  /** Those in tables. */
  inTables(): (SealedColumn & { readonly row: string })[] {
    return [...this.#columns.values()].flatMap((column) => (column.row === null ? [] : [{ ...column, row: column.row }]));
  }
}

const nameOf = ({ purpose, table, column }: Omit<SealedColumn, 'row'>): string => JSON.stringify([purpose, table, column]);

const registries = new WeakMap<AppContext['services']['keys'], SealedColumns>();

/** The sealed columns of an app: `sealedColumns(context).register(column)` where a protection is installed. */
export const sealedColumns = ({ services: { keys } }: Pick<AppContext, 'services'>): SealedColumns => {
  const known = registries.get(keys);
  if (known !== undefined) return known;
  const columns = new SealedColumns();
  registries.set(keys, columns);
  return columns;
};
